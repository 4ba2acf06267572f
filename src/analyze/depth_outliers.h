#pragma once

#include <cstdint>
#include <vector>

#include "analyze/recursion.h"
#include "analyze/snapshots.h"

namespace gopsy::analyze {

/// A goroutine whose stack is far deeper than the others': a recursion that runs away, or a deep one caught at work.
struct DeepStack {
  const model::Goroutine* goroutine = nullptr;
  std::uint64_t depth = 0;  ///< frames, those that the runtime left out counted
  /// The repetition in its printed frames that covers most of them; period 0: there is none.
  Cycle cycle;
};

struct DepthOutliers {
  std::uint64_t usual = 0;         ///< the depth that 95 of 100 goroutines do not exceed
  std::uint64_t count = 0;         ///< outliers, those not in `deepest` counted
  std::vector<DeepStack> deepest;  ///< the deepest first, at most kShown
  static constexpr std::size_t kShown = 8;
};

/// Outliers are at least kFewestFrames deep and kTimesDeeper times the usual depth, and there are never more than one
/// in twenty of them: where all stacks are deep, that is how the program is.
DepthOutliers depth_outliers(const Snapshot& snapshot);

/// The runtime prints 100 frames and leaves out the rest (traceback.go tracebackInnerFrames + tracebackOuterFrames):
/// what it had to cut is deep by its own measure, and few programs nest so far without a recursion.
constexpr std::uint64_t kFewestFrames = 100;
constexpr std::uint64_t kTimesDeeper = 4;

}  // namespace gopsy::analyze
