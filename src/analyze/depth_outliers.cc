#include "analyze/depth_outliers.h"

#include <algorithm>

namespace gopsy::analyze {
namespace {

constexpr std::size_t kFewestRounds = 3;

Cycle widest_cycle(std::span<const model::TracebackFrame> frames) {
  std::vector<std::uint32_t> keys;
  keys.reserve(frames.size());
  for (const auto& frame : frames) keys.push_back(frame.function.value);
  Cycle widest;
  for (const Cycle& cycle : find_cycles(keys, kFewestRounds))
    if (cycle.period * cycle.repeats > widest.period * widest.repeats) widest = cycle;
  return widest;
}

}  // namespace

DepthOutliers depth_outliers(const Snapshot& snapshot) {
  const auto& goroutines = snapshot.traceback->goroutines;
  DepthOutliers outliers;
  std::vector<std::uint64_t> depths;
  depths.reserve(goroutines.size());
  for (const auto& goroutine : goroutines) depths.push_back(depth_of(goroutine));
  if (depths.empty()) return outliers;
  // Of three goroutines the deepest is no yardstick for itself: with few, the middle one is.
  const std::size_t at = depths.size() < 20 ? (depths.size() - 1) / 2 : depths.size() * 19 / 20;
  std::ranges::nth_element(depths, depths.begin() + static_cast<std::ptrdiff_t>(at));
  outliers.usual = depths[at];
  const std::uint64_t least = std::max(kFewestFrames, outliers.usual * kTimesDeeper);
  for (const auto& goroutine : goroutines) {
    const std::uint64_t depth = depth_of(goroutine);
    if (depth < least) continue;
    ++outliers.count;
    outliers.deepest.push_back({.goroutine = &goroutine, .depth = depth, .cycle = {}});
  }
  std::ranges::stable_sort(outliers.deepest, std::ranges::greater{}, &DeepStack::depth);
  if (outliers.deepest.size() > DepthOutliers::kShown) outliers.deepest.resize(DepthOutliers::kShown);
  for (DeepStack& deep : outliers.deepest) deep.cycle = widest_cycle(snapshot.traceback->frames_of(*deep.goroutine));
  return outliers;
}

}  // namespace gopsy::analyze
