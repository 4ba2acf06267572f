#include <algorithm>

#include "rules/catalog.h"
#include "rules/explain.h"
#include "rules/panic/recoverers.h"

namespace gopsy::rules {
namespace {

// The goroutine whose go statement made `child`, if the log has it.
const model::Goroutine* creator_of(const model::Traceback& traceback, const model::Goroutine& child) {
  if (child.creator == 0) return nullptr;
  const auto found = std::ranges::find(traceback.goroutines, child.creator, &model::Goroutine::id);
  return found == traceback.goroutines.end() ? nullptr : &*found;
}

void run(Inquiry& inquiry, std::vector<Finding>& findings) {
  for (const Crash& crash : inquiry.crashes) {
    if (crash.traceback->cause != model::Cause::Panic || crash.goroutine == nullptr) continue;
    const auto* creator = creator_of(*crash.traceback, *crash.goroutine);
    const auto* recoverer = creator == nullptr ? nullptr : recovering_frame(*crash.traceback, *creator, *crash.symbols);
    if (recoverer == nullptr) continue;
    Finding finding = about(crash, 0.93);
    finding.title = fmt::format("The recover of {} could not catch it: the panic was in a goroutine of its own",
                                model::short_function(crash.function(*recoverer)));
    finding.evidence.push_back(
        {.text = fmt::format("goroutine {} recovers panics in {}", creator->id, at(*crash.symbols, *recoverer)),
         .path = crash.evidence->path,
         .line = recoverer->log_line,
         .goroutine = creator->id});
    finding.why = fmt::format(
        "recover works only in a call deferred on the panicking goroutine. Goroutine {} was started by goroutine {}, "
        "whose stack has a recovering frame; the new goroutine has none.",
        crash.goroutine->id, creator->id);
    finding.confirm =
        "Confirmed by the two stacks: the recovering frame is on the creator's, not on the panicking one's.";
    finding.fix = fmt::format(
        "Defer a recover at the top of the function started at {}:{}, and hand the error back to the request.",
        crash.name(crash.goroutine->created_file), crash.goroutine->created_line);
    findings.push_back(std::move(finding));
  }
}

// By the memory of the process: a deferred function on the panicking stack calls one that calls recover.
void run_nested(Inquiry& inquiry, std::vector<Finding>& findings) {
  for (const Crash& crash : inquiry.crashes) {
    if (crash.traceback->cause != model::Cause::Panic || crash.goroutine == nullptr) continue;
    const model::DeferredCall* const call = recover_too_deep(crash);
    if (call == nullptr) continue;
    const std::string deferred = model::short_function(crash.name(call->function));
    const std::string recovers = model::short_function(crash.name(call->recover_in));
    const auto& frame = crash.traceback->frames[call->frame];
    Finding finding = about(crash, 0.92);
    finding.title = fmt::format("The recover in {} could not catch it: {} calls it and is itself what was deferred",
                                recovers, deferred);
    finding.evidence.push_back(
        {.text = fmt::format("{} deferred {}, which calls {}", at(*crash.symbols, frame), deferred, recovers),
         .path = crash.evidence->path,
         .goroutine = crash.goroutine->id});
    finding.why =
        "recover returns the panic only to a function that a defer statement named. One level deeper, in a function "
        "which "
        "that one calls, it returns nil and the panic goes on.";
    finding.confirm = fmt::format("Confirmed if the defer statement does not name {} itself.", recovers);
    finding.fix = fmt::format("Defer the function that recovers: `defer {}()`.", recovers);
    findings.push_back(std::move(finding));
  }
}

void run_both(Inquiry& inquiry, std::vector<Finding>& findings) {
  run(inquiry, findings);
  run_nested(inquiry, findings);
}

}  // namespace

constinit const Rule kRecoverIneffective{
    .id = "panic.recover-ineffective",
    .severity = Severity::Warning,
    .summary = "a recover stands on the way that cannot work: not deferred, nested, or in another goroutine",
    .run = run_both,
};

}  // namespace gopsy::rules
