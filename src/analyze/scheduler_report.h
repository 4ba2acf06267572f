#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "analyze/runtime_runs.h"

namespace gopsy::analyze {

/// A stretch in which goroutines that could run had to wait for a CPU: more of them for each P than kCrowd, and no P
/// idle.
struct Starvation {
  static constexpr std::uint32_t kCrowd = 8;  ///< at 10 ms a turn, a wait of 80 ms before each
  static constexpr std::size_t kLeastSamples = 3;
  static constexpr std::int64_t kLeastNs = 1'000'000'000;

  std::int64_t from_ns = 0;
  std::int64_t to_ns = 0;
  std::uint32_t samples = 0;
  std::uint32_t procs = 0;          ///< GOMAXPROCS
  std::uint64_t median_queued = 0;  ///< runnable goroutines in all queues
  std::uint64_t most_queued = 0;
  std::uint32_t first_line = 0;
  std::uint32_t last_line = 0;
};

struct QueueLengths {
  std::uint64_t p50 = 0;
  std::uint64_t p99 = 0;
  std::uint64_t longest = 0;
  std::uint32_t longest_line = 0;
};

/// What the schedtrace lines of one run say.
struct SchedulerReport {
  std::uint64_t samples = 0;
  std::uint64_t detailed = 0;
  std::int64_t from_ns = 0;
  std::int64_t to_ns = 0;
  std::int64_t interval_ns = 0;     ///< between two samples, the median
  std::int64_t longest_gap_ns = 0;  ///< between two samples while a P was busy: the system did not let sysmon run
  std::uint32_t longest_gap_line = 0;
  std::uint32_t first_line = 0;
  std::uint32_t last_line = 0;
  std::uint32_t procs = 0;  ///< GOMAXPROCS at the end
  std::uint32_t procs_lowest = 0;
  std::uint32_t procs_highest = 0;
  double idle_procs = 0;               ///< the mean
  std::uint64_t all_busy = 0;          ///< samples without an idle P
  std::uint64_t idle_beside_work = 0;  ///< samples with an idle P and goroutines in queues
  double spinning = 0;                 ///< threads that looked for work, the mean
  QueueLengths global;
  QueueLengths local;        ///< of single Ps
  QueueLengths all;          ///< runnable goroutines in all queues of a sample
  std::uint64_t uneven = 0;  ///< samples in which one P had 8 or more waiting and four times as many as the mean of all
  std::uint32_t threads_first = 0;
  std::uint32_t threads_last = 0;
  std::uint32_t threads_most = 0;
  std::optional<double> ticks_per_second;  ///< goroutines started by a P, the mean of all; where ticks are printed
  std::uint64_t stuck = 0;                 ///< samples after which no P started any goroutine although some waited
  // With scheddetail:
  std::uint32_t goroutines_last = 0;
  std::uint32_t goroutines_most = 0;
  std::uint32_t runnable_most = 0;
  std::vector<Starvation> starved;
};

/// Runnable goroutines of a sample in all its queues.
std::uint64_t queued_in(const RuntimeRun& run, const model::SchedSample& sample);

/// REQUIRES: run.samples is not empty.
/// Cost  linear in the Ps of all samples, but for sorting.
SchedulerReport scheduler_report(const RuntimeRun& run);

/// The stretches in which goroutines starved, in the order of time.
std::vector<Starvation> starvations(const RuntimeRun& run);

/// What the scavtrace lines of one run say.
struct ScavengeReport {
  std::uint64_t lines = 0;
  std::uint64_t returned_kib = 0;        ///< by the background scavenger, or all before Go 1.21
  std::uint64_t returned_eager_kib = 0;  ///< by goroutines that had to, at the memory limit
  std::uint64_t released_last_kib = 0;
  std::uint64_t released_most_kib = 0;
  std::uint32_t used_last_percent = 0;
  std::uint32_t used_lowest_percent = 0;
  std::uint64_t forced = 0;
};
ScavengeReport scavenge_report(const RuntimeRun& run);

/// What the inittrace lines of one run say, the slowest first.
struct InitReport {
  std::vector<const model::InitLine*> slowest;  ///< all of them
  std::int64_t clock_ns = 0;
  std::int64_t done_ns = 0;  ///< when the last had ended, since the start of the process
  std::uint64_t bytes = 0;
  std::uint64_t allocs = 0;
};
InitReport init_report(const RuntimeRun& run);

}  // namespace gopsy::analyze
