#include <algorithm>
#include <cmath>

#include "rules/catalog.h"
#include "rules/explain.h"
#include "rules/gc/trace.h"
#include "rules/profile/words.h"

namespace gopsy::rules {
namespace {

double growth_of(const analyze::GcReport& report) {
  return analyze::live_heap_grows(report) ? report.live.last - report.live.first : 0;
}

std::string mib(double mebibytes) {
  return human_bytes(static_cast<std::uint64_t>(std::llround(mebibytes * (1 << 20))));
}

// The longer it has gone on, the less it is a start or a batch.
double confidence_of(std::int64_t length_ns) {
  constexpr std::int64_t kMinute = 60'000'000'000;
  return length_ns >= 10 * kMinute ? 0.85 : (length_ns >= kMinute ? 0.75 : 0.6);
}

// When the limit is met, if it goes on like this.
std::string time_left(const analyze::GcReport& report) {
  if (!report.limit || report.limit->live >= 1) return {};
  const double left = static_cast<double>(report.limit->bytes) / (1 << 20) * (1 - report.limit->live);
  const double seconds = left / report.live.slope;
  if (seconds > 1e9) return {};
  return fmt::format(" GOMEMLIMIT ({}) is met in {} more at this pace; then the collector runs without a break.",
                     human_bytes(report.limit->bytes), human_duration(static_cast<std::int64_t>(seconds * 1e9)));
}

void tell(const ChosenRun& chosen, std::vector<Finding>& findings) {
  const analyze::GcReport& report = chosen.traced.report;
  const std::int64_t length = report.trend_to_ns - report.trend_from_ns;
  Finding finding{.confidence = confidence_of(length)};
  finding.title = fmt::format("The live heap grows by {} a minute: from {} to {} in {}", mib(report.live.slope * 60),
                              mib(report.live.first), mib(report.live.last), human_duration(length));
  finding.why = fmt::format(
      "What survives a collection is what the program can still reach. After start-up it rises from collection to "
      "collection: {:.0f} % of all pairs of them rise (Kendall's tau {:.2f}, over {} points), it never falls back by "
      "more than {} of its range, and it still grows in the last third. Garbage, a larger GOGC or a burst of requests "
      "do not move this figure; a cache that fills does, until it is full.{}{}",
      (report.live.order + 1) * 50, report.live.order, report.live.points, percent(report.live.drawdown),
      time_left(report), other_runs(chosen));
  const auto& cycles = chosen.traced.run.cycles;
  const auto first =
      std::ranges::find_if(cycles, [&](const auto* cycle) { return cycle->start_ns >= report.trend_from_ns; });
  if (first != cycles.end()) finding.evidence.push_back(cycle_at(chosen.traced, (*first)->line, "after start-up"));
  finding.evidence.push_back(cycle_at(chosen.traced, report.last_line, "at the end"));
  finding.confirm =
      "Two heap profiles some minutes apart under the same load: the places whose bytes in use grow. A goroutine dump "
      "shows whether goroutines that never end hold it. If the line flattens, it was a cache.";
  finding.fix =
      "Find what keeps the objects reachable: a map without eviction, a slice of a large array, goroutines that never "
      "end, timers and tickers that are not stopped. More memory only moves the end.";
  finding.next = fmt::format("gopsy runtime {} -o heap.svg", shell_word(chosen.traced.run.evidence->path));
  findings.push_back(std::move(finding));
}

void run(Inquiry& inquiry, std::vector<Finding>& findings) {
  for (const auto& chosen : choose_runs(inquiry.incident, growth_of)) tell(chosen, findings);
}

}  // namespace

constinit const Rule kGcLiveGrowth{
    .id = "gc.live-growth",
    .severity = Severity::Warning,
    .summary = "the live heap grows from cycle to cycle",
    .run = run,
};

}  // namespace gopsy::rules
