#include "rules/catalog.h"
#include "rules/trace/traces.h"

namespace gopsy::rules {
namespace {

constexpr std::uint64_t kFewest = 100;
constexpr double kWaiting = 1;       // on average: more time is waited for the lock than there is
constexpr double kHandedShare = 0.5;

void explain(const Trace& trace, std::vector<Finding>& findings) {
  for (const auto& wait : trace.facts.signs.waits) {
    if (wait.count < kFewest || trace.wait(wait.reason, wait.stack) != analyze::TraceWait::Lock) continue;
    const double queue = trace.of_wall(wait.total_ns);
    const double handed = static_cast<double>(wait.handed_on) / static_cast<double>(wait.count);
    if (queue < kWaiting || handed < kHandedShare) continue;
    const auto times = static_cast<std::int64_t>(wait.count);
    Finding finding{.confidence = 0.85};
    finding.title = fmt::format("A lock is passed on from waiter to waiter: {:.1f} wait at any time in {}", queue,
                                trace.place(wait.stack));
    finding.why = fmt::format(
        "{} waits of {} on average, {} in all in a trace of {}; {} of them were ended by a goroutine that had itself "
        "waited there just before. The lock is never free: it changes hands every {}, and who wants it queues for {} such "
        "turns. More CPUs or more goroutines do not make this faster.",
        with_commas(wait.count), human_duration(wait.total_ns / times), human_duration(wait.total_ns),
        human_duration(trace.wall_ns()), percent(handed), human_duration(trace.wall_ns() / times),
        static_cast<std::uint64_t>(queue + 0.5));
    finding.evidence.push_back(trace.exhibit(
        fmt::format("the longest wait: {}, {}, ended by goroutine {} in {}", human_duration(wait.longest.length_ns()),
                    trace.moment(wait.longest.begin_ns), wait.longest.by, trace.place(wait.longest.by_stack)),
        wait.longest.goroutine));
    finding.evidence.push_back(trace.exhibit(trace.calls(wait.stack)));
    finding.confirm = "A mutex profile: the same lock has most of the delay.";
    finding.fix = "Do less while it is held, split it by key, or let one goroutine own the data and send to it in batches.";
    finding.next = trace.command();
    findings.push_back(std::move(finding));
  }
}

}  // namespace

constinit const Rule kTraceLockConvoy =
    trace_rule<explain>("trace.lock-convoy", Severity::Warning,
                        "a lock is handed from waiter to waiter and never free: goroutines move at its pace");

}  // namespace gopsy::rules
