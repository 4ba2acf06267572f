#include <algorithm>

#include "rules/catalog.h"
#include "rules/trace/traces.h"

namespace gopsy::rules {
namespace {

constexpr double kBusyShare = 0.9;
constexpr double kWaiting = 2;        // on average, for this one goroutine
constexpr double kMachineBusy = 0.8;  // beyond that it is load: trace.starvation
constexpr std::int64_t kShortestNs = 100'000'000;

void explain(const Trace& trace, std::vector<Finding>& findings) {
  const auto& signs = trace.facts.signs;
  if (trace.wall_ns() < kShortestNs || signs.load.procs < 2) return;
  const double machine = trace.of_wall(trace.facts.times.all.running_ns) / static_cast<double>(signs.load.procs);
  if (machine > kMachineBusy) return;
  for (const auto& server : signs.servers) {
    const double busy = trace.of_wall(server.busy_ns);
    const double waiting = trace.of_wall(server.ended_ns);
    if (busy < kBusyShare || waiting < kWaiting || analyze::of_runtime(trace.text(server.function))) continue;
    Finding finding{.confidence = 0.8};
    finding.title =
        fmt::format("Everything waits for goroutine {} ({}): it is busy for {} of the time, {:.1f} others wait",
                    server.goroutine, trace.function(server.function), percent(busy), waiting);
    finding.why = fmt::format(
        "It ran {} and was in system calls for {} of {}, and it alone ended {} waits of other goroutines that took {} "
        "together, {:.1f} of them at a time. Meanwhile all goroutines together used {} of {}: CPUs are free, and one "
        "goroutine does the work that the others wait for.",
        human_duration(server.running_ns), human_duration(server.busy_ns - server.running_ns),
        human_duration(trace.wall_ns()), with_commas(server.ended), human_duration(server.ended_ns), waiting,
        percent(machine), counted(signs.load.procs, "P"));
    finding.evidence.push_back(trace.exhibit(fmt::format("the longest wait that it ended: {} in {}",
                                                         human_duration(server.longest_ns), trace.place(server.stack)),
                                             server.goroutine));
    finding.confirm = "A CPU profile of it: its functions are one CPU's worth, all the time.";
    finding.fix =
        "Share its work out (several of it, by key), or make it cheaper: what it does bounds the throughput of all.";
    finding.next = trace.command("--blocks");
    findings.push_back(std::move(finding));
  }
}

}  // namespace

constinit const Rule kTraceSerialBottleneck =
    trace_rule<explain>("trace.serial-bottleneck", Severity::Warning,
                        "one busy goroutine does what the others wait for, and CPUs are free");

}  // namespace gopsy::rules
