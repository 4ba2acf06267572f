#pragma once

#include <cstdint>
#include <vector>

#include "model/symbols.h"
#include "model/trace_event.h"

namespace gopsy::model {

/// What goroutines did with their time, by where they stood: what profiles of a trace are made of.
///
/// Shape   a row for each stack, start function and kind that occurred, in the order of first sight.
struct TraceProfiles {
  enum class What : std::uint8_t {
    Running,   ///< no stack: between two events the trace does not say where a goroutine is
    Runnable,  ///< by the goroutine's own stack: where it last stopped
    Syscall,   ///< by the stack of the call
    Blocked,   ///< by the stack of the wait, a kind each for the runtime's reasons
    Woken,     ///< Runnable once more, by the stack of who woke or created it: what go tool trace calls sched
    Sample,    ///< a CPU sample
  };
  struct Kind {
    What what = What::Running;
    StringId reason;  ///< of Blocked; none where the trace does not say
  };
  struct Row {
    std::uint32_t stack = 0;  ///< row of TraceStacks
    std::uint32_t kind = 0;   ///< row of `kinds`
    StringId function;        ///< that the goroutine began in; none: the trace does not say, or a sample outside of any
    std::uint64_t count = 0;
    std::int64_t ns = 0;  ///< of Woken always 0: it is Runnable's time
    // As go tool trace counts: only what both began and ended in the trace, and from the goroutine's first run on.
    std::uint64_t contentions = 0;
    std::int64_t delay_ns = 0;
  };

  std::vector<Kind> kinds;
  std::vector<Row> rows;
};

}  // namespace gopsy::model
