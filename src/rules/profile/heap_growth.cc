#include "analyze/heap_growth.h"

#include <algorithm>
#include <cmath>

#include "rules/catalog.h"
#include "rules/explain.h"
#include "rules/profile/words.h"

namespace gopsy::rules {
namespace {

// Below a tenth a live heap moves by itself: it depends on when in a cycle the profile was taken.
constexpr double kLeastGrowth = 0.1;
constexpr std::size_t kSitesShown = 3;

std::string size(std::int64_t bytes) {
  return human_bytes(static_cast<std::uint64_t>(std::max<std::int64_t>(0, bytes)));
}

std::string pace(const analyze::HeapGrowth& growth) {
  const double seconds = static_cast<double>(growth.last->time_ns - growth.first->time_ns) / 1e9;
  if (seconds < 60) return {};  // an hour is too far from there
  const double an_hour = static_cast<double>(growth.whole.growth()) / seconds * 3600;
  if (an_hour >= 9e18) return {};
  return fmt::format(" In {} between them, that is {} an hour.",
                     human_duration(growth.last->time_ns - growth.first->time_ns),
                     size(static_cast<std::int64_t>(an_hour)));
}

void run(Inquiry& inquiry, std::vector<Finding>& findings) {
  const auto growth = analyze::heap_growth(inquiry.incident);
  if (growth.first == nullptr || !growth.whole.beyond_chance()) return;
  if (static_cast<double>(growth.whole.growth()) < kLeastGrowth * static_cast<double>(growth.whole.first_bytes)) return;
  const model::Symbols& symbols = inquiry.incident.symbols;
  Finding finding{.confidence = 0.7};
  finding.title = fmt::format("The live heap grew from {} to {} between two profiles", size(growth.whole.first_bytes),
                              size(growth.whole.last_bytes));
  finding.why = fmt::format(
      "The growth of {} is more than three standard errors ({}) of what the sampling of heap profiles explains.{} Two "
      "profiles cannot tell a leak from a cache that fills: that needs a third, under the same load.",
      size(growth.whole.growth()), size(static_cast<std::int64_t>(3 * std::sqrt(growth.whole.variance))), pace(growth));
  for (const auto& site : growth.sites) {
    if (finding.evidence.size() == kSitesShown || !site.beyond_chance()) break;
    finding.evidence.push_back(
        {.text = fmt::format("{} more held by what {} allocates ({} there, {} here)", size(site.growth()),
                             place_words(site.place, symbols), size(site.first_bytes), size(site.last_bytes)),
         .path = fmt::format("{}, {}", growth.first->path, growth.last->path)});
  }
  finding.confirm =
      "A third heap profile after the same time under the same load: a leak goes on at the same pace, a cache stops. A "
      "goroutine dump beside it shows whether blocked goroutines hold it.";
  finding.fix =
      "Find what keeps the objects reachable: a map without eviction, a slice of a large array, goroutines that never "
      "end, timers. The profile names who allocated, not who holds.";
  finding.next = fmt::format("gopsy diff {} -- {} --sample-index inuse_space", shell_word(growth.first->path),
                             shell_word(growth.last->path));
  findings.push_back(std::move(finding));
}

}  // namespace

constinit const Rule kHeapGrowth{
    .id = "heap.growth",
    .severity = Severity::Warning,
    .summary = "the live heap grew between two heap profiles, beyond what sampling explains: where",
    .run = run,
};

}  // namespace gopsy::rules
