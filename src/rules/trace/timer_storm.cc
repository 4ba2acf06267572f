#include "rules/catalog.h"
#include "rules/trace/traces.h"

namespace gopsy::rules {
namespace {

using analyze::TraceWait;

constexpr double kOftenASecond = 500;
constexpr std::uint64_t kFewest = 50;
constexpr double kVainShare = 0.5;

void explain(const Trace& trace, std::vector<Finding>& findings) {
  for (const auto& wait : trace.facts.signs.waits) {
    const TraceWait kind = trace.wait(wait.reason, wait.stack);
    if (kind != TraceWait::Sleep && kind != TraceWait::Receive && kind != TraceWait::Select) continue;
    if (wait.by_nobody < kFewest || trace.a_second(wait.by_nobody) < kOftenASecond) continue;
    const double vain = static_cast<double>(wait.in_vain) / static_cast<double>(wait.by_nobody);
    if (vain < kVainShare) continue;
    Finding finding{.confidence = 0.85};
    finding.title = fmt::format("Timers wake goroutines {} times a second in {}, {} of them in vain",
                                with_commas(static_cast<std::uint64_t>(trace.a_second(wait.by_nobody))),
                                trace.place(wait.stack), percent(vain));
    finding.why = fmt::format(
        "{} waits there were ended by a timer: nobody sent anything. After {} of these the goroutine ran for less than "
        "5 "
        "µs and waited at the same place again: it looked, and found nothing. Each time a P and a thread are woken for "
        "it, an idle machine does not rest, and what it waits for is seen half a period late.",
        with_commas(wait.by_nobody), with_commas(wait.in_vain));
    finding.evidence.push_back(trace.exhibit(
        fmt::format("waits {} of {} on average: {}", words_of(kind),
                    human_duration(wait.total_ns / static_cast<std::int64_t>(wait.count)), trace.calls(wait.stack)),
        wait.longest.goroutine));
    finding.confirm = "The loop at that place: a time.Sleep, a ticker, a time.After in a select.";
    finding.fix =
        "Wait for the event itself (a channel, a sync.Cond); if it must be polled, less often, and by one goroutine.";
    finding.next = trace.command();
    findings.push_back(std::move(finding));
  }
}

}  // namespace

constinit const Rule kTraceTimerStorm = trace_rule<explain>(
    "trace.timer-storm", Severity::Warning, "timers wake goroutines hundreds of times a second to find nothing to do");

}  // namespace gopsy::rules
