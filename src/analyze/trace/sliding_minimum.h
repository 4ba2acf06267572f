#pragma once

#include <cstdint>
#include <deque>

#include "analyze/trace/utilization.h"
#include "model/trace_gc.h"

namespace gopsy::analyze {

/// The worst window of one length over a series of utilisations.
///
/// Shape   `change` in order, the last of them at the end of the series; then `take`. With `worst` also so many windows
///         that do not overlap, the worst first; which of overlapping ones depends on their order, as in go tool trace.
/// Cost    two steps a change; memory for the changes within one window.
/// Source  the windowed mean is smallest where an edge of the window meets a change: internal/trace/gc.go, read at
///         go1.26.
class SlidingMinimum {
 public:
  explicit SlidingMinimum(std::int64_t window_ns, std::size_t worst = 0) : window_ns_(window_ns), worst_(worst) {}

  void change(UtilizationChange change);
  /// REQUIRES: two changes at least, or the window is empty.
  [[nodiscard]] model::TraceGc::Mmu take() const;

 private:
  void advance(std::int64_t to_ns);
  void candidate();

  std::int64_t window_ns_;
  std::size_t worst_;
  bool any_ = false;
  std::int64_t left_ns_ = 0;
  std::int64_t right_ns_ = 0;
  double at_left_ = 1;
  double at_right_ = 1;
  double area_ = 0;                       // between the edges, in ns
  std::deque<UtilizationChange> within_;  // between the edges
  double minimum_ = 2;
  std::vector<model::TraceGc::Window> windows_;  // the worst first
};

}  // namespace gopsy::analyze
