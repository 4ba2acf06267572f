#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/ids.h"
#include "model/trace_event.h"
#include "model/trace_stacks.h"
#include "model/trace_times.h"

namespace gopsy::model {

/// The critical path of something that happened in a trace: what it was waiting for at each moment, whoever did that.
///
/// Shape   from its end backwards: while its goroutine ran, that; while it was runnable, the scheduler; while it was
/// blocked,
///         what the goroutine did that woke it. The steps tile the time from begin to end.
struct TracePath {
  enum class Kind : std::uint8_t {
    Running,
    Runnable,
    Syscall,
    Blocked,  ///< and no goroutine ended it: the network, a timer
    Unknown,  ///< the trace does not say what was going on before
  };
  struct Step {
    std::int64_t begin_ns = 0;
    std::int64_t end_ns = 0;
    std::uint64_t goid = 0;
    std::uint32_t stack = 0;  ///< row of TraceStacks: of Running where it stopped or woke the next; else where it began
    StringId reason;          ///< of Blocked
    Kind kind = Kind::Running;
  };
  struct Row {
    std::uint32_t stack = 0;
    StringId reason;
    Kind kind = Kind::Running;
    std::uint64_t count = 0;
    std::int64_t ns = 0;
  };

  std::string subject;     ///< "task 25825 (request)"
  std::uint64_t goid = 0;  ///< whose end is that of the path
  std::int64_t begin_ns = 0;
  std::int64_t end_ns = 0;
  std::int64_t first_ns = 0;  ///< of the trace
  std::vector<Row> rows;      ///< most time first
  std::vector<Step> steps;    ///< oldest first; the latest million
  std::uint64_t step_count = 0;
  std::uint64_t jumps = 0;  ///< from a blocked goroutine to its waker
  unsigned passes = 0;      ///< over the file
};

/// One task of package runtime/trace.
struct TraceTaskStory {
  struct Event {
    std::int64_t time_ns = 0;
    std::uint64_t goid = 0;
    TraceType type = TraceType::None;
    std::uint64_t task = 0;
    std::string name;     ///< of the region, of the task; the category of a log
    std::string message;  ///< of a log
  };
  /// What one goroutine did while the task was open.
  struct Goroutine {
    std::uint64_t goid = 0;
    StringId function;
    TraceStates states;
    std::vector<TraceStates> slices;  ///< of the task's time, equally long
  };

  std::uint64_t id = 0;
  std::string name;
  std::uint64_t parent = 0;  ///< 0: none, or the trace does not say
  bool begun = false;        ///< its begin was seen, and its end
  bool ended = false;
  std::int64_t begin_ns = 0;  ///< that of the trace where it was not seen
  std::int64_t end_ns = 0;
  std::uint64_t begin_goid = 0;
  std::uint64_t end_goid = 0;
  std::vector<Event> events;  ///< of the task, and begin and end of its children
  std::uint64_t event_count = 0;
  std::vector<Goroutine> goroutines;  ///< those with events, in the order of the first
};

}  // namespace gopsy::model
