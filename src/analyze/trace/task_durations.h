#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "model/trace_tasks.h"

namespace gopsy::analyze {

/// Durations of one kind: percentiles, and a histogram to draw.
///
/// Yields  exact percentiles of up to kExact durations, then to 3 %. The histogram has the buckets of go tool trace.
/// Cost    about 20 ns each; 2 KiB, and 4 KiB more where there are many.
/// Source  internal/trace/traceviewer/histogram.go.
class TaskDurations {
 public:
  void add(std::int64_t ns);
  [[nodiscard]] model::TraceDurations take();

 private:
  static constexpr std::size_t kExact = 512;
  static constexpr unsigned kBits = 4;

  void count_in_steps(std::int64_t ns);
  [[nodiscard]] std::int64_t percentile(double share) const;

  model::TraceDurations told_;
  std::vector<std::int64_t> exact_;
  std::vector<std::uint32_t> steps_;  // 2^kBits an octave, once there are too many for `exact_`
};

}  // namespace gopsy::analyze
