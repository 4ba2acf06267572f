#include "rules/catalog.h"
#include "rules/trace/traces.h"

namespace gopsy::rules {
namespace {

// The frame that panicked: the one below runtime.gopanic and what the runtime put between.
std::string panicked_at(const Trace& trace, std::uint32_t stack) {
  bool below = false;
  for (const std::uint32_t row : trace.facts.stacks.stack(stack)) {
    const model::Frame& frame = trace.symbols.frame(trace.facts.stacks.places[row].frame);
    const std::string_view function = trace.text(frame.function);
    if (function == "runtime.gopanic") below = true;
    if (!below || model::is_runtime(function)) continue;
    return fmt::format("{} at {}:{}", model::short_function(function), trace.text(frame.file), frame.line);
  }
  return "a place that the trace does not show";
}

void explain(const Trace& trace, std::vector<Finding>& findings) {
  const auto& signs = trace.facts.signs;
  if (signs.panics.empty()) return;
  const auto& first = signs.panics.front();
  Finding finding{.confidence = 0.95};
  finding.title = fmt::format("A panic was on its way in goroutine {}, {}: in {}", first.goroutine,
                              trace.moment(first.begin_ns), panicked_at(trace, first.stack));
  finding.why = fmt::format(
      "No trace has an event for a panic, but deferred calls run below runtime.gopanic, and {} with such a stack. "
      "Whether it was recovered the stack does not say{}.",
      counted(signs.panic_sightings, "event was written", "events were written"),
      trace.facts.ending.find(first.goroutine) == nullptr
          ? "; the goroutine ended before the trace, so the process lived on"
          : "; the goroutine is still there when the trace ends");
  for (const auto& panic : signs.panics)
    finding.evidence.push_back(trace.exhibit(fmt::format("{}, in {}: {}", trace.moment(panic.begin_ns),
                                                         trace.function(panic.text), trace.calls(panic.stack)),
                                             panic.goroutine));
  finding.confirm =
      "The log of that time: net/http writes \"http: panic serving\", a recover of your own what you made it.";
  finding.fix = "Fix what panics at that place; a recover that hides it leaves locks held and work half done.";
  finding.next = fmt::format("gopsy diagnose app.log {}", shell_word(trace.evidence.path));
  findings.push_back(std::move(finding));
}

}  // namespace

constinit const Rule kTracePanicInFlight = trace_rule<explain>(
    "trace.panic-in-flight", Severity::Warning, "stacks of the trace pass through a panic, recovered or not");

}  // namespace gopsy::rules
