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

}  // namespace

constinit const Rule kRecoverIneffective{
    .id = "panic.recover-ineffective",
    .severity = Severity::Warning,
    .summary = "a recover stands on the way that cannot work: not deferred, nested, or in another goroutine",
    .run = run,
};

}  // namespace gopsy::rules
