#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "analyze/runtime_runs.h"
#include "analyze/trend.h"

namespace gopsy::analyze {

/// A part of the time in which the collector was busiest.
struct GcWindow {
  std::int64_t from_ns = 0;
  std::int64_t to_ns = 0;
  std::uint32_t first_line = 0;
  std::uint32_t last_line = 0;
  std::uint64_t cycles = 0;
  double share = 0;   ///< of what GOMAXPROCS CPUs can give, idle workers left out
  double assist = 0;  ///< the part of `share` that goroutines spent which allocated

  [[nodiscard]] std::int64_t length_ns() const { return to_ns - from_ns; }
};

struct GcPauses {
  std::uint64_t count = 0;  ///< two a cycle
  std::int64_t p50_ns = 0;
  std::int64_t p99_ns = 0;
  std::int64_t longest_ns = 0;
  std::int64_t total_ns = 0;
  std::uint32_t longest_line = 0;
  std::uint64_t longest_cycle = 0;
  bool longest_is_sweep_termination = false;  ///< else mark termination
};

/// GOMEMLIMIT, and how near the heap has come to it.
struct MemoryLimit {
  std::uint64_t bytes = 0;
  std::uint32_t line = 0;  ///< of the log that names it; 0: the user did
  double live = 0;         ///< live heap, stacks and globals against it, at the end of the run
  double peak = 0;         ///< the largest heap before a collection, stacks and globals
};

/// What the gctrace lines of one run say.
struct GcReport {
  std::uint64_t cycles = 0;
  std::uint64_t forced = 0;
  std::uint64_t leak_checks = 0;
  std::uint64_t missing = 0;  ///< cycles between the first and the last whose line is not there
  std::int64_t from_ns = 0;   ///< 0 where the first cycle is there
  std::int64_t to_ns = 0;
  std::uint32_t first_line = 0;
  std::uint32_t last_line = 0;
  std::uint32_t procs = 0;    ///< GOMAXPROCS at the end
  std::uint32_t percent = 0;  ///< the last line's own: since the start of the process
  double share = 0;           ///< of the CPUs that marking took, between from and to: GcCycle::cost_ns
  double assist_share = 0;
  double background_share = 0;
  double stopped_share = 0;  ///< on top of `share`: stops of the world, with the time that stopping took
  double idle_share = 0;     ///< on top of `share`: CPUs that had nothing else to do
  double marking = 0;        ///< share of the time in which a mark phase went on
  double cycles_per_second = 0;
  double allocated_mib_per_second = 0;
  GcPauses pauses;
  std::uint32_t live_first_mib = 0;
  std::uint32_t live_last_mib = 0;
  std::uint32_t live_median_mib = 0;
  std::uint32_t live_highest_mib = 0;
  std::uint32_t peak_mib = 0;  ///< the largest heap at the end of a mark phase
  std::uint32_t goal_last_mib = 0;
  std::uint32_t goal_highest_mib = 0;
  std::uint32_t stacks_mib = 0;
  std::uint32_t globals_mib = 0;
  std::optional<double> gogc;  ///< the GOGC that the goals follow, where they follow one
  Trend live;                  ///< in MiB by seconds; see live_points
  std::int64_t trend_from_ns = 0;
  std::int64_t trend_to_ns = 0;
  std::optional<GcWindow> worst;   ///< the busiest kWindow seconds, or all if it is shorter
  std::optional<GcWindow> spiral;  ///< the longest stretch of cycles one after the other with no room between
  std::optional<MemoryLimit> limit;
};

/// REQUIRES: run.cycles is not empty. `limit_bytes` 0: not known, but for what the log says.
/// Cost  linear in the cycles, but for sorting the pauses.
GcReport gc_report(const RuntimeRun& run, const model::Symbols& symbols, std::uint64_t limit_bytes);

/// Does the live heap grow for reasons other than start-up, chance or a sawtooth? docs/rules/gc.live-growth.md.
bool live_heap_grows(const GcReport& report);

/// Is the share of the busiest window, or of its assists, one that a program should not give away?
bool collector_presses(const GcReport& report);

/// "512MiB", "1073741824", as GOMEMLIMIT is written (runtime parseByteCount). Nothing for "off" and for what is none.
std::optional<std::uint64_t> parse_memory_limit(std::string_view text);

}  // namespace gopsy::analyze
