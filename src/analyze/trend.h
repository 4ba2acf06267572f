#pragma once

#include <cstdint>
#include <span>

namespace gopsy::analyze {

/// A value at a time.
struct TrendPoint {
  double at = 0;
  double value = 0;
};

/// Where a series goes, whatever its outliers do.
struct Trend {
  std::size_t points = 0;
  double slope = 0;     ///< Theil and Sen: the median of the slopes between all pairs
  double first = 0;     ///< on the line with that slope through the medians, at the first point
  double last = 0;      ///< … at the last
  double order = 0;     ///< Kendall's tau, -1 to 1: how many more pairs rise than fall
  double z = 0;         ///< Mann and Kendall: order in standard deviations of what chance makes
  double drawdown = 0;  ///< the deepest fall below an earlier value, as a share of the range
  double late = 0;      ///< growth in the last third, as a share of growth in all
};

/// `points` stand in the order of `at`. More than 128 are first put together into as many parts of equal time, each
/// with its lowest value: what lives on is there when the heap is at its lowest. Cost  linear, and quadratic in the
/// 128.
Trend trend_of(std::span<const TrendPoint> points);

}  // namespace gopsy::analyze
