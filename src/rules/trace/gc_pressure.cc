#include <algorithm>

#include "rules/catalog.h"
#include "rules/trace/traces.h"

namespace gopsy::rules {
namespace {

// While it marks, the collector has a quarter of the Ps: marking for 80 % of the time is 20 % of the CPUs, the measure
// of gc.pressure; so is the share of assists.
constexpr double kMarkingShare = 0.8;
constexpr double kAssistShare = 0.05;
constexpr double kAssistMarkingShare = 0.2;  // of the time: less is a burst in a quiet trace
constexpr std::uint64_t kFewestCycles = 3;
constexpr std::int64_t kShortestNs = 100'000'000;

std::int64_t own_running_ns(const Trace& trace) {
  std::int64_t ns = 0;
  for (const auto& function : trace.facts.times.functions)
    if (!analyze::of_runtime(function.name)) ns += std::min(function.states.running_ns, INT64_MAX - ns);
  return ns;
}

void explain(const Trace& trace, std::vector<Finding>& findings) {
  const auto& collector = trace.facts.gc;
  if (collector.cycles < kFewestCycles || trace.wall_ns() < kShortestNs) return;
  const double marking = trace.of_wall(collector.mark_ns);
  const std::int64_t running = own_running_ns(trace);
  const double assist = running <= 0 ? 0 : static_cast<double>(collector.assist_ns) / static_cast<double>(running);
  if (marking < kMarkingShare && (assist < kAssistShare || marking < kAssistMarkingShare)) return;
  Finding finding{.confidence = 0.85};
  finding.title = fmt::format("The collector marks for {} of the time, and assists take {} of what goroutines run",
                              percent(marking), percent(assist));
  finding.why = fmt::format(
      "{} in {}, marking for {} of it. While it marks, a quarter of the Ps does nothing else, and a goroutine that "
      "allocates faster than they mark has to help: {} assists took {} in the middle of what those goroutines did, "
      "waiting for the collector's workers included.",
      counted(collector.cycles, "cycle"), human_duration(trace.wall_ns()), human_duration(collector.mark_ns),
      with_commas(collector.assists), human_duration(collector.assist_ns));
  for (std::size_t i = 0; i < std::min<std::size_t>(collector.longest_cycles.size(), 2); ++i) {
    const auto& cycle = collector.longest_cycles[i];
    finding.evidence.push_back(trace.exhibit(fmt::format(
        "a cycle {}: it marked for {}, with {} of {} in all; the heap went from {} to {}, with a goal of {}",
        trace.moment(cycle.begin_ns), human_duration(cycle.mark_ns), counted(cycle.assists, "assist"),
        human_duration(cycle.assist_ns), human_bytes(cycle.heap_at_begin), human_bytes(cycle.heap_at_end),
        human_bytes(cycle.goal_at_begin))));
  }
  for (const auto& mmu : collector.mmu)
    finding.evidence.push_back(trace.exhibit(fmt::format("in the worst {} the program had {} of the Ps",
                                                         human_duration(mmu.window_ns), percent(mmu.utilization))));
  for (const auto& reason : trace.facts.times.blocked)
    if (reason.name == "GC mark assist wait for work")
      finding.evidence.push_back(
          trace.exhibit(fmt::format("blocked in an assist that found no work: {}, {} in all",
                                    counted(reason.count, "time"), human_duration(reason.total_ns))));
  finding.evidence.push_back(trace.exhibit(
      fmt::format("{}, {:.1f} a second", counted(collector.cycles, "cycle"), trace.a_second(collector.cycles))));
  finding.confirm = "GODEBUG=gctrace=1: the goal of the heap against what lives; an allocs profile: who allocates.";
  finding.fix =
      "Allocate less where most bytes come from, or give the heap room: a larger GOGC with GOMEMLIMIT as the bound.";
  finding.next = trace.command();
  findings.push_back(std::move(finding));
}

}  // namespace

constinit const Rule kTraceGcPressure =
    trace_rule<explain>("trace.gc-pressure", Severity::Warning,
                        "the collector marks nearly all the time, or goroutines that allocate have to help it");

}  // namespace gopsy::rules
