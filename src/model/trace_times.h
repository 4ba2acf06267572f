#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace gopsy::model {

/// What goroutines did with their time.
struct TraceStates {
  std::int64_t running_ns = 0;
  std::int64_t runnable_ns = 0;
  std::int64_t waiting_ns = 0;
  std::int64_t syscall_ns = 0;
  std::int64_t unknown_ns = 0;  ///< damage left no word of it

  [[nodiscard]] std::int64_t sum_ns() const { return running_ns + runnable_ns + waiting_ns + syscall_ns + unknown_ns; }
};

/// Where the time of a trace went, summed over its goroutines.
///
/// Shape   a goroutine's time is that from where it is created or found to where it ends, or the trace does; the states
///         of `all` add up to `lives_ns`, and so do those of `functions`.
struct TraceTimes {
  struct Reason {
    std::string name;  ///< of blocking, as the runtime has it; "" where it says nothing
    std::uint64_t count = 0;
    std::int64_t total_ns = 0;
    std::int64_t longest_ns = 0;
  };
  struct Function {
    std::string name;  ///< that goroutines start in; "" where the trace does not say
    std::uint64_t goroutines = 0;
    TraceStates states;
  };
  struct Latency {
    std::uint64_t count = 0;
    std::int64_t p50_ns = 0;  ///< to 3 %
    std::int64_t p99_ns = 0;
    std::int64_t longest_ns = 0;
  };

  std::int64_t wall_ns = 0;
  std::uint64_t goroutines = 0;
  std::int64_t lives_ns = 0;
  TraceStates all;
  std::vector<Reason> blocked;      ///< the longest total first
  std::vector<Reason> stops;        ///< of the world, by kind
  std::vector<Function> functions;  ///< the most running first
  Latency latency;                  ///< from runnable to running
};

}  // namespace gopsy::model
