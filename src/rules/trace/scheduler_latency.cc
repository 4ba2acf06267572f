#include <algorithm>

#include "rules/catalog.h"
#include "rules/trace/traces.h"

namespace gopsy::rules {
namespace {

// Fewer waits have no 99th percentile to speak of.
constexpr std::uint64_t kFewestWaits = 100;
// A batch that starts all at once queues, and is over in less.
constexpr std::int64_t kShortestNs = 1'000'000'000;
constexpr std::size_t kShown = 3;

std::string cause_of(const Trace& trace) {
  const auto& load = trace.facts.signs.load;
  const std::int64_t queued = load.full_ns + load.idle_ns;
  if (queued <= 0) return {};
  const double idle = load.idle_queue_ns / std::max(load.idle_queue_ns + load.full_queue_ns, 1.0);
  if (idle > 0.5)
    return fmt::format(
        " For {} of that waiting a P was idle: it was the operating system that took long to run a thread (a CPU "
        "quota, "
        "a busy neighbour), not the program.",
        percent(idle));
  return fmt::format(" For {} of that waiting every one of {} was busy: see trace.starvation.", percent(1 - idle),
                     counted(load.procs, "P"));
}

void explain(const Trace& trace, std::vector<Finding>& findings) {
  const auto& signs = trace.facts.signs;
  const auto& woken = trace.facts.times.after_unblock;
  if (woken.count < kFewestWaits || trace.wall_ns() < kShortestNs || woken.p99_ns < signs.threshold_ns) return;
  Finding finding{.confidence = 0.9};
  finding.title = fmt::format("One in a hundred goroutines that are woken waits {} or longer for a P",
                              human_duration(woken.p99_ns));
  finding.why = fmt::format(
      "From runnable to running it took {} at the median, {} at the 99th percentile, {} at most, of {} that were "
      "woken; "
      "those that have yet to begin, and those that had their turn, are not counted. No profile shows this time: the "
      "goroutine does not run and does not block.{}",
      human_duration(woken.p50_ns), human_duration(woken.p99_ns), human_duration(woken.longest_ns),
      counted(woken.count, "goroutine"), cause_of(trace));
  const auto& worst = signs.latencies;
  for (std::size_t i = 0; i < std::min(worst.size(), kShown); ++i)
    finding.evidence.push_back(trace.exhibit(
        fmt::format("runnable for {} from {} on, {} in {}", human_duration(worst[i].length_ns()),
                    trace.moment(worst[i].begin_ns),
                    worst[i].by == worst[i].goroutine ? "stopped" : "woken by " + Trace::name(worst[i].by),
                    trace.place(worst[i].stack)),
        worst[i].goroutine));
  finding.confirm = "In a container, nr_throttled of cpu.stat: a CPU quota below GOMAXPROCS stops all threads at once.";
  finding.fix =
      "Let in less at once, take work off the busy Ps, or give it CPUs. Set GOMAXPROCS to the quota (Go 1.25 does).";
  finding.next = trace.command();
  findings.push_back(std::move(finding));
}

}  // namespace

constinit const Rule kTraceSchedulerLatency =
    trace_rule<explain>("trace.scheduler-latency", Severity::Warning,
                        "goroutines that could run wait for a P for longer than the threshold");

}  // namespace gopsy::rules
