#pragma once

#include <cstdint>
#include <vector>

namespace gopsy::model {

/// How a trace went over time, in equal buckets.
///
/// Shape   all vectors are of one length, the last bucket may be cut by the trace's end. Means are over a bucket's
/// time:
///         `running` 2.5 says that two and a half goroutines ran at once on average.
struct TraceTimeline {
  std::int64_t first_ns = 0;   ///< when the first bucket begins
  std::int64_t last_ns = 0;    ///< when the trace, or the range asked for, ends
  std::int64_t bucket_ns = 0;  ///< a power of two

  // Means.
  std::vector<double> running;  ///< goroutines
  std::vector<double> runnable;
  std::vector<double> waiting;
  std::vector<double> syscall;
  std::vector<double> procs;       ///< Ps in use, system calls that keep theirs included
  std::vector<double> gomaxprocs;  ///< Ps there are
  std::vector<double> threads;     ///< that run a goroutine or are in a system call: running + syscall
  std::vector<double> marking;     ///< 0 to 1: of the time, the collector marked
  std::vector<double> stopped;     ///< 0 to 1: of the time, the world stood still

  // Bytes; 0: not told yet.
  std::vector<std::uint64_t> heap;  ///< the largest in the bucket
  std::vector<std::uint64_t> goal;  ///< the last in the bucket

  std::vector<std::uint64_t> created;  ///< goroutines

  [[nodiscard]] std::size_t size() const { return running.size(); }
};

}  // namespace gopsy::model
