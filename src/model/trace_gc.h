#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace gopsy::model {

/// What the garbage collector did, and when the world stood still.
///
/// Shape   times are those of the trace's events. What was going on when the trace or the range of time asked for began
///         counts from there, what goes on when it ends until then.
struct TraceGc {
  struct Stop {
    std::int64_t begin_ns = 0;
    std::int64_t length_ns = 0;  ///< from the request until the world was started again
    std::string kind;
    std::uint64_t goid = 0;   ///< who asked for it; 0: nobody that the trace names
    std::uint32_t stack = 0;  ///< where; row of TraceStacks
    bool open = false;        ///< the trace ends in it
  };
  /// One run of the collector's concurrent mark phase.
  struct Cycle {
    std::int64_t begin_ns = 0;
    std::int64_t mark_ns = 0;
    std::int64_t assist_ns = 0;  ///< of assists that ended in it
    std::uint64_t assists = 0;
    std::uint64_t heap_at_begin = 0;  ///< bytes; 0: not told
    std::uint64_t heap_at_end = 0;
    std::uint64_t goal_at_begin = 0;
    bool cut = false;   ///< it began before
    bool open = false;  ///< it goes on
  };
  struct Window {
    std::int64_t begin_ns = 0;
    double utilization = 1;
  };
  /// Of all windows of this length, the one with the smallest share of processor time for the program itself.
  struct Mmu {
    std::int64_t window_ns = 0;  ///< never more than there is of the trace
    double utilization = 1;      ///< 0 to 1
    std::vector<Window> worst;   ///< the worst first; they do not overlap
  };

  std::uint64_t stops = 0;
  std::int64_t stopped_ns = 0;
  std::vector<Stop> worst_stops;  ///< the longest first

  std::uint64_t cycles = 0;
  std::int64_t mark_ns = 0;
  std::vector<Cycle> longest_cycles;  ///< the longest first
  std::uint64_t assists = 0;
  std::int64_t assist_ns = 0;  ///< waits for work included
  std::uint64_t sweeps = 0;
  std::int64_t sweep_ns = 0;
  std::uint64_t swept_bytes = 0;
  std::uint64_t reclaimed_bytes = 0;
  std::uint64_t heap_first = 0;  ///< live heap in bytes as the trace has it; 0: it has none
  std::uint64_t heap_last = 0;
  std::uint64_t heap_peak = 0;
  std::uint64_t goal_last = 0;

  std::vector<Mmu> mmu;            ///< windows of 1, 10, 100 ms: stops, mark workers and assists are not the program's
  std::string curve_flags;         ///< "stw|background|assist": what `curve` counts
  std::vector<Mmu> curve;          ///< only if it was asked for: the smallest window first, `worst` empty
  std::vector<Mmu> curve_windows;  ///< only if it was asked for: 1, 10, 100 ms with the worst windows
};

}  // namespace gopsy::model
