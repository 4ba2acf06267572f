#include "rules/catalog.h"
#include "rules/trace/traces.h"

namespace gopsy::rules {
namespace {

// What it takes to make a goroutine, to schedule it once and to end it. Measured: 0.3 to 1 µs.
constexpr double kCostNs = 1'000;
constexpr double kLeastShare = 0.05;
constexpr double kShortShare = 0.5;
constexpr std::uint64_t kFewest = 1'000;

void explain(const Trace& trace, std::vector<Finding>& findings) {
  const std::int64_t running = trace.facts.times.all.running_ns;
  if (running <= 0) return;
  for (const auto& made : trace.facts.signs.creations) {
    if (made.created < kFewest || made.ended == 0) continue;
    const double short_lived = static_cast<double>(made.short_lived) / static_cast<double>(made.ended);
    const double cost = static_cast<double>(made.created) * kCostNs / static_cast<double>(running);
    if (short_lived < kShortShare || cost < kLeastShare) continue;
    Finding finding{.confidence = 0.85};
    finding.title = fmt::format("{} goroutines a second of {}, {} of them living less than 50 µs",
                                with_commas(static_cast<std::uint64_t>(trace.a_second(made.created))),
                                trace.function(made.function), percent(short_lived));
    finding.why = fmt::format(
        "{} were made at one place in {}; half of those that ended lived less than {}, and ran {} on average. To make "
        "one, "
        "to schedule it and to end it costs about a microsecond: {} of the {} that all goroutines ran went there, for "
        "work that is as small as that.",
        with_commas(made.created), human_duration(trace.wall_ns()), human_duration(made.median_life_ns()),
        human_duration(made.running_ns / static_cast<std::int64_t>(made.ended)), percent(cost),
        human_duration(running));
    finding.evidence.push_back(
        trace.exhibit(fmt::format("made in {}: {}", trace.place(made.stack), trace.calls(made.stack))));
    finding.confirm = "A CPU profile: runtime.newproc, runtime.schedule and runtime.goexit0 have a share of it.";
    finding.fix = "Do it in place, or give batches to a few workers that stay.";
    finding.next = trace.command();
    findings.push_back(std::move(finding));
  }
}

}  // namespace

constinit const Rule kTraceCreationStorm =
    trace_rule<explain>("trace.creation-storm", Severity::Warning,
                        "so many goroutines are made for so little that making them is the work");

}  // namespace gopsy::rules
