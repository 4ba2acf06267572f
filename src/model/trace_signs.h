#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "base/ids.h"

namespace gopsy::model {

/// Signs of trouble in a trace: what rules look at, summed up by place and with the worst cases. A place is a row of
/// TraceStacks; goroutines are named by id, 0 is nobody.
struct TraceSigns {
  static constexpr std::int64_t kShortNs = 5'000;  ///< to run for less and wait again at the same place: in vain
  static constexpr std::int64_t kShortLifeNs = 50'000;
  static constexpr std::size_t kWorst = 16;

  /// A single stretch of time.
  struct Case {
    std::int64_t begin_ns = 0;
    std::int64_t end_ns = 0;
    std::uint64_t goroutine = 0;
    std::uint64_t by = 0;  ///< who ended it: the waker; of a stop of the world, who kept it waiting
    std::uint32_t stack = 0;
    std::uint32_t by_stack = 0;  ///< where `by` stood
    StringId text;               ///< reason, kind of a stop, start function

    [[nodiscard]] std::int64_t length_ns() const {
      std::int64_t ns = 0;
      return __builtin_sub_overflow(end_ns, begin_ns, &ns) ? INT64_MAX : ns;
    }
  };

  /// Where goroutines wait.
  struct Wait {
    std::uint32_t stack = 0;
    StringId reason;
    std::uint64_t count = 0;
    std::int64_t total_ns = 0;
    std::uint64_t over = 0;       ///< lasted for the threshold or longer
    std::int64_t over_ns = 0;     ///< what those lasted
    std::uint64_t by_nobody = 0;  ///< ended by a timer or the network
    std::uint64_t in_vain = 0;    ///< of those that nobody ended: ran for less than kShortNs and waited here again
    Case longest;
  };

  /// Where system calls begin.
  struct Syscall {
    std::uint32_t stack = 0;
    std::uint64_t count = 0;
    std::int64_t total_ns = 0;
    std::uint64_t lost_p = 0;  ///< came back to a P that was given away
    Case longest;
  };

  /// Where goroutines are made.
  struct Creation {
    std::uint32_t stack = 0;
    StringId function;  ///< that the first of them begins in
    std::uint64_t created = 0;
    std::uint64_t ended = 0;
    std::uint64_t short_lived = 0;          ///< of those that ended, lived less than kShortLifeNs
    std::int64_t running_ns = 0;            ///< of those that ended
    std::array<std::uint64_t, 64> lives{};  ///< by the power of two of their nanoseconds

    [[nodiscard]] std::int64_t median_life_ns() const;  ///< the upper end of its power of two
  };

  /// A goroutine that others wait for.
  struct Server {
    std::uint64_t goroutine = 0;
    StringId function;
    std::int64_t busy_ns = 0;  ///< running or in a system call
    std::int64_t running_ns = 0;
    std::int64_t life_ns = 0;
    std::int64_t ended_ns = 0;  ///< of waiting that it ended, of other goroutines
    std::uint64_t ended = 0;
    std::uint32_t stack = 0;  ///< where the longest of these stood
    std::int64_t longest_ns = 0;
  };

  /// Ps and goroutines that could run, over time.
  struct Load {
    std::uint64_t procs = 0;          ///< GOMAXPROCS, the last
    std::uint64_t procs_changes = 0;  ///< times that it became another
    std::int64_t counted_ns = 0;      ///< time with all of this known
    std::int64_t full_ns = 0;         ///< every P busy and goroutines waiting for one
    double full_queue_ns = 0;         ///< ... times how many waited
    std::int64_t idle_ns = 0;         ///< a P idle though goroutines wait: on the way to be woken
    double idle_queue_ns = 0;
    std::uint64_t most_queued = 0;
    std::int64_t longest_full_ns = 0;  ///< without a break of kBreakNs
    std::int64_t longest_full_at_ns = 0;
    static constexpr std::int64_t kBreakNs = 100'000;
  };

  std::vector<Wait> waits;  ///< the longest total first, like the next two
  std::vector<Syscall> syscalls;
  std::vector<Creation> creations;  ///< the most first
  std::vector<Server> servers;      ///< up to kWorst, the most time of others first
  std::vector<Case> long_runs;      ///< up to kWorst, the longest first; by_stack: a CPU sample's
  std::uint64_t long_run_count = 0;
  std::int64_t long_run_ns = 0;
  std::vector<Case> latencies;   ///< from runnable to running, kWorst
  std::vector<Case> slow_stops;  ///< begin to the last goroutine's halt: `by`; kWorst
  Load load;
  std::uint64_t syscall_count = 0;
  std::uint64_t steals = 0;  ///< Ps taken from system calls
  std::vector<Case> panics;  ///< stacks with runtime.gopanic in them: a panic was on its way; the first of each stack
  std::uint64_t panic_sightings = 0;
  std::int64_t threshold_ns = 0;
};

}  // namespace gopsy::model
