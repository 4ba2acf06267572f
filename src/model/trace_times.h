#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/ids.h"

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

/// What one goroutine, or several, did beside: times within those of TraceStates, and how often.
struct TraceSpent {
  std::int64_t syscall_blocked_ns = 0;  ///< of TraceStates::syscall_ns: after its P was taken away
  std::int64_t assist_ns = 0;           ///< helping the garbage collector to mark, waits for work included
  std::int64_t sweep_ns = 0;            ///< sweeping memory before it may allocate
  std::int64_t stopping_ns = 0;         ///< from when it asked for the world to stop until it started it again
  std::int64_t in_mark_ns = 0;          ///< of the life, while the collector marked
  std::int64_t in_stop_ns = 0;          ///< of the life, while anybody had the world stopped, or asked for it
  std::uint64_t runs = 0;               ///< times that it came to run
  std::uint64_t waits = 0;
  std::uint64_t syscalls = 0;
  std::uint64_t syscalls_blocked = 0;
  std::uint64_t assists = 0;
  std::uint64_t sweeps = 0;
  std::uint64_t stops = 0;
};

/// What it was blocked on.
struct TraceBlockedOn {
  std::uint32_t reason = 0;  ///< row of TraceTimes::blocked
  std::uint64_t count = 0;
  std::int64_t total_ns = 0;
};

/// Durations by their share.
struct TraceLatency {
  std::uint64_t count = 0;
  std::int64_t total_ns = 0;
  std::int64_t p50_ns = 0;  ///< to 3 %; of one function, to 20 %
  std::int64_t p99_ns = 0;
  std::int64_t longest_ns = 0;
};

/// The whole life of one goroutine, in a trace or the part of it that was asked for.
struct TraceGoroutine {
  std::uint64_t goid = 0;
  std::uint64_t creator = 0;         ///< goroutine id; 0: the trace does not say
  StringId function;                 ///< that it started in; none: not told
  std::uint32_t creation_stack = 0;  ///< row of TraceStacks
  bool found = false;                ///< was there before the trace began
  bool ended = false;
  std::int64_t first_ns = 0;  ///< created, or the trace or the range of time began
  std::int64_t ran_ns = 0;    ///< ran first; INT64_MIN: never
  std::int64_t last_ns = 0;   ///< ended, or the trace did
  std::string last;           ///< what it did last: "running", "runnable", "chan receive", ...
  std::int64_t last_for_ns = 0;
  std::uint32_t last_stack = 0;  ///< of what it did last; row of TraceStacks
  TraceStates states;            ///< add up to last_ns - first_ns
  TraceSpent spent;
  std::vector<TraceBlockedOn> blocked;  ///< the longest total first
};

/// Where the time of a trace went, summed over its goroutines.
///
/// Shape   a goroutine's time is that from where it is created to where it ends, or the trace does; one that was found
///         was there since the generation began. The states of `all` add up to `lives_ns`, and so do those of
///         `functions`.
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
    std::uint64_t alive = 0;  ///< of them, in the end
    TraceStates states;
    TraceSpent spent;
    std::vector<TraceBlockedOn> blocked;  ///< the longest total first
    TraceLatency latency;                 ///< as TraceTimes::latency
  };
  using Latency = TraceLatency;

  std::int64_t wall_ns = 0;
  std::int64_t first_ns = 0;  ///< what all times of the trace are counted from in words
  bool range = false;         ///< only a part of the trace was asked for
  std::int64_t from_ns = 0;   ///< that part, since the trace began
  std::int64_t to_ns = 0;
  std::uint64_t goroutines = 0;
  std::int64_t lives_ns = 0;
  TraceStates all;
  TraceSpent spent;
  std::vector<Reason> blocked;      ///< the longest total first
  std::vector<Reason> stops;        ///< of the world, by kind
  std::vector<Function> functions;  ///< the most running first

  // From runnable to running. Those that gave way of their own will (runtime.Gosched) are left out, and those whose
  // beginning nobody saw.
  Latency latency;
  Latency after_unblock;
  Latency after_create;
  Latency after_preempt;
  Latency after_syscall;

  std::vector<TraceGoroutine> goroutine_rows;  ///< those asked for, in the order asked for
  std::uint64_t rows_matching = 0;             ///< of which goroutine_rows are the first
};

}  // namespace gopsy::model
