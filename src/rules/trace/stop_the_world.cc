#include <algorithm>
#include <array>

#include "rules/catalog.h"
#include "rules/trace/traces.h"

namespace gopsy::rules {
namespace {

// Stops that somebody asked for: runtime.ReadMemStats, profiles and dumps of goroutines, GOMAXPROCS.
constexpr std::array<std::string_view, 6> kAskedFor{
    "read mem stats", "goroutine profile", "goroutine profile cleanup", "all goroutines stack trace",
    "GOMAXPROCS",     "write heap dump"};
constexpr double kOftenASecond = 10;
constexpr double kLargeShare = 0.05;
constexpr std::int64_t kLongFactor = 10;  // of the threshold
constexpr std::size_t kShown = 3;

bool asked_for(std::string_view kind) { return std::ranges::find(kAskedFor, kind) != kAskedFor.end(); }

// Who was the last to halt for the stop that began then, if it is known.
std::string halt_words(const Trace& trace, std::int64_t begin_ns) {
  const auto& halts = trace.facts.signs.slow_stops;
  const auto halt = std::ranges::find(halts, begin_ns, &model::TraceSigns::Case::begin_ns);
  return halt == halts.end() ? ""
                             : fmt::format("; the last to halt was goroutine {}, {} later, in {}", halt->by,
                                           human_duration(halt->length_ns()), trace.place(halt->by_stack));
}

void add_evidence(const Trace& trace, Finding& finding) {
  for (const auto& kind : trace.facts.times.stops)
    finding.evidence.push_back(
        trace.exhibit(fmt::format("{}: {}, {} in all, the longest {}", kind.name, counted(kind.count, "stop"),
                                  human_duration(kind.total_ns), human_duration(kind.longest_ns))));
  const auto& stops = trace.facts.gc.worst_stops;
  for (std::size_t i = 0; i < std::min(stops.size(), kShown); ++i)
    finding.evidence.push_back(
        trace.exhibit(fmt::format("{}, {}: {}, asked for in {}", trace.moment(stops[i].begin_ns), stops[i].kind,
                                  human_duration(stops[i].length_ns), trace.place(stops[i].stack)),
                      stops[i].goid));
}

void tell(const Trace& trace, std::int64_t total_ns, std::uint64_t count, std::vector<Finding>& findings) {
  const auto& worst = trace.facts.gc.worst_stops[0];
  // A single stop of some thresholds may be the operating system's doing.
  const bool bad =
      trace.of_wall(total_ns) >= kLargeShare || worst.length_ns / kLongFactor >= trace.facts.signs.threshold_ns;
  Finding finding{.severity = bad ? Severity::Warning : Severity::Info, .confidence = 0.9};
  finding.title =
      fmt::format("The world stood still for {} of {} ({}), the longest for {}: {}", human_duration(total_ns),
                  human_duration(trace.wall_ns()), counted(count, "stop"), human_duration(worst.length_ns), worst.kind);
  finding.why = fmt::format(
      "While it is stopped no goroutine of the program runs. From the request to the restart the longest took {}{}; a "
      "stop of the collector takes some ten to a hundred microseconds.",
      human_duration(worst.length_ns), halt_words(trace, worst.begin_ns));
  add_evidence(trace, finding);
  finding.confirm = "GODEBUG=gctrace=1 prints the collector's own stops; /sched/pauses of runtime/metrics has all.";
  finding.fix =
      "Where somebody asked for it (ReadMemStats, goroutine profiles): ask less often, or read runtime/metrics, which "
      "stops nothing. Where a goroutine was slow to stop: trace.greedy.";
  finding.next = trace.command();
  findings.push_back(std::move(finding));
}

void tell_asked(const Trace& trace, std::int64_t total_ns, std::uint64_t count, std::vector<Finding>& findings) {
  Finding finding{.severity = Severity::Info, .confidence = 0.9};
  finding.title = fmt::format("The program stops the world itself {:.0f} times a second ({}, {} in all)",
                              trace.a_second(count), counted(count, "time"), human_duration(total_ns));
  finding.why =
      "Not the collector: ReadMemStats, profiles and dumps of goroutines and changes of GOMAXPROCS stop all "
      "goroutines, "
      "and somebody calls them often; mostly it is monitoring.";
  add_evidence(trace, finding);
  finding.confirm = "The stack of the stop above names the caller.";
  finding.fix = "runtime/metrics reads the same figures without a stop.";
  finding.next = trace.command();
  findings.push_back(std::move(finding));
}

void explain(const Trace& trace, std::vector<Finding>& findings) {
  std::int64_t total_ns = 0;
  std::int64_t asked_ns = 0;
  std::uint64_t count = 0;
  std::uint64_t asked = 0;
  for (const auto& kind : trace.facts.times.stops) {
    total_ns += std::min(kind.total_ns, INT64_MAX - total_ns);
    count += kind.count;
    if (!asked_for(kind.name)) continue;
    asked_ns += std::min(kind.total_ns, INT64_MAX - asked_ns);
    asked += kind.count;
  }
  const auto& stops = trace.facts.gc.worst_stops;
  if (stops.empty()) return;
  if (stops[0].length_ns >= trace.facts.signs.threshold_ns || (count >= 10 && trace.of_wall(total_ns) >= kLargeShare))
    return tell(trace, total_ns, count, findings);
  if (asked >= 10 && trace.a_second(asked) >= kOftenASecond) tell_asked(trace, asked_ns, asked, findings);
}

}  // namespace

constinit const Rule kTraceStopTheWorld = trace_rule<explain>(
    "trace.stop-the-world", Severity::Warning, "the world is stopped for long, or often by the program itself");

}  // namespace gopsy::rules
