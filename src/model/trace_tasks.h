#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/trace_times.h"

namespace gopsy::model {

/// How long things took, of those seen from begin to end.
struct TraceDurations {
  std::uint64_t count = 0;
  std::int64_t total_ns = 0;
  std::int64_t p50_ns = 0;  ///< exact up to 512 of them, then to 3 %
  std::int64_t p90_ns = 0;
  std::int64_t p99_ns = 0;
  std::int64_t longest_ns = 0;
  std::vector<std::uint64_t> histogram;  ///< five buckets for every power of ten: row i from 10^(i/5) ns on
};

/// What goroutines did over a stretch of time.
struct TraceBreakdown {
  struct Blocked {
    std::string reason;  ///< as the runtime has it; "" where it says nothing
    std::int64_t ns = 0;
  };

  TraceStates states;
  std::int64_t assist_ns = 0;    ///< of it helping the collector: overlaps with the states
  std::vector<Blocked> blocked;  ///< what `states.waiting_ns` is made of, longest first
};

/// The tasks or the regions of one type (name).
struct TraceTaskType {
  /// One of them.
  struct One {
    std::uint64_t task = 0;  ///< id; of a region without a task 0
    std::uint64_t goid = 0;  ///< who began it
    std::int64_t begin_ns = 0;
    std::int64_t end_ns = 0;
  };
  struct Parent {
    std::string name;  ///< type of the task; "" where the trace does not say
    std::uint64_t count = 0;
  };

  std::string name;
  std::uint32_t stack = 0;  ///< row of TraceStacks: where one of them began; 0: none was seen to begin
  std::uint64_t count = 0;  ///< all: durations.count + unended + unbegun
  std::uint64_t unended = 0;
  std::uint64_t unbegun = 0;  ///< began before the trace, or the range of time asked for
  std::uint64_t logs = 0;     ///< written while it was open
  std::uint64_t regions = 0;  ///< of a task: begun in it
  TraceDurations durations;
  TraceBreakdown spent;         ///< by those who worked for it, of whole and unended ones
  std::vector<One> longest;     ///< whole ones, longest first
  std::vector<One> open;        ///< a few of the unended ones, oldest first
  std::vector<Parent> parents;  ///< of those that have one; of regions: the task they belong to; most frequent first
};

/// The tasks, regions and logs of package runtime/trace in one trace.
struct TraceTasks {
  struct Category {
    std::string name;
    std::uint64_t count = 0;
  };

  std::vector<TraceTaskType> tasks;    ///< most time first
  std::vector<TraceTaskType> regions;  ///< most time first
  std::vector<Category> logs;          ///< most frequent first
  std::uint64_t other_types = 0;       ///< tasks and regions that are in no row: there were more types than are kept
};

}  // namespace gopsy::model
