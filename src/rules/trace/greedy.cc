#include <algorithm>

#include "rules/catalog.h"
#include "rules/trace/traces.h"

namespace gopsy::rules {
namespace {

constexpr std::size_t kShown = 3;
constexpr std::ptrdiff_t kSlowStops = 3;
constexpr std::int64_t kLongFactor = 10;  // of the threshold

Exhibit run_of(const Trace& trace, const model::TraceSigns::Case& run) {
  return trace.exhibit(
      fmt::format("{} ran {} without a stop, from {} on, until it stood in {}{}", trace.function(run.text),
                  human_duration(run.length_ns()), trace.moment(run.begin_ns), trace.place(run.stack),
                  run.by_stack == 0 ? "" : fmt::format("; a CPU sample meanwhile: {}", trace.calls(run.by_stack))),
      run.goroutine);
}

// The world waited for one goroutine.
void tell_stop(const Trace& trace, const model::TraceSigns::Case& stop, std::vector<Finding>& findings) {
  // One slow stop may be the operating system's doing; three of the same place, or one that long, are not.
  const auto same = std::ranges::count_if(trace.facts.signs.slow_stops, [&](const auto& other) {
    return other.length_ns() >= trace.facts.signs.threshold_ns &&
           trace.place(other.by_stack) == trace.place(stop.by_stack);
  });
  const bool sure = same >= kSlowStops || stop.length_ns() / kLongFactor >= trace.facts.signs.threshold_ns;
  Finding finding{.severity = sure ? Severity::Warning : Severity::Info, .confidence = sure ? 0.9 : 0.6};
  finding.title = fmt::format("Goroutine {} kept the world waiting: a stop ({}) took {} to begin", stop.by,
                              trace.text(stop.text), human_duration(stop.length_ns()));
  finding.why = fmt::format(
      "To stop the world all goroutines are told to yield, and those that do stand still until the last one has: "
      "goroutine {} ran on for {} in {}. The runtime interrupts running code by a signal since Go 1.14, except where "
      "it "
      "may not: in assembly, in the runtime itself, in loops that the compiler marked unsafe; or its thread was not "
      "scheduled.",
      stop.by, human_duration(stop.length_ns()), trace.place(stop.by_stack));
  finding.evidence.push_back(trace.exhibit(
      fmt::format("the stop begins {}; goroutine {} gives up its P {} later, the last one: {}",
                  trace.moment(stop.begin_ns), stop.by, human_duration(stop.length_ns()), trace.calls(stop.by_stack)),
      stop.by));
  const auto& stops = trace.facts.signs.slow_stops;
  for (std::size_t i = 1; i < std::min(stops.size(), kShown); ++i)
    finding.evidence.push_back(
        trace.exhibit(fmt::format("another, {}: {} for goroutine {} in {}", trace.moment(stops[i].begin_ns),
                                  human_duration(stops[i].length_ns()), stops[i].by, trace.place(stops[i].by_stack)),
                      stops[i].by));
  finding.confirm = "The same goroutine or place in several stops. One case alone may be the operating system's doing.";
  finding.fix = "Break the loop up, or call runtime.Gosched in it; in assembly, work on smaller pieces.";
  finding.next = trace.command();
  findings.push_back(std::move(finding));
}

void tell_runs(const Trace& trace, std::vector<Finding>& findings) {
  const auto& signs = trace.facts.signs;
  Finding finding{.severity = Severity::Info, .confidence = 0.7};
  finding.title = fmt::format("{} ran for longer than two turns of 10 ms without a stop, the longest for {}",
                              counted(signs.long_run_count, "stretch", "stretches"),
                              human_duration(signs.long_runs[0].length_ns()));
  finding.why =
      "After 10 ms the runtime takes the P from a goroutine and lets the next one run (forcePreemptNS); its monitor "
      "looks "
      "every 10 ms at least. A longer run was in code that cannot be interrupted, or its thread was stopped by the "
      "operating system: the trace does not tell these apart.";
  for (std::size_t i = 0; i < std::min(signs.long_runs.size(), kShown); ++i)
    finding.evidence.push_back(run_of(trace, signs.long_runs[i]));
  finding.confirm =
      "Runs of one place come back; those of a busy machine are everywhere. A trace with CPU samples "
      "(a CPU profile at the same time) shows the code.";
  finding.fix =
      "If it is one place: break the work up. If it is all over: give the process the CPUs that GOMAXPROCS says.";
  finding.next = trace.command();
  findings.push_back(std::move(finding));
}

void explain(const Trace& trace, std::vector<Finding>& findings) {
  const auto& signs = trace.facts.signs;
  if (!signs.slow_stops.empty() && signs.slow_stops[0].length_ns() >= signs.threshold_ns)
    tell_stop(trace, signs.slow_stops[0], findings);
  if (!signs.long_runs.empty()) tell_runs(trace, findings);
}

}  // namespace

constinit const Rule kTraceGreedy = trace_rule<explain>(
    "trace.greedy", Severity::Warning, "a goroutine runs on without a stop, and keeps a stop of the world waiting");

}  // namespace gopsy::rules
