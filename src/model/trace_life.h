#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/ids.h"

namespace gopsy::model {

/// What one goroutine did, in detail.
///
/// Shape   `goid` 0: nobody asked. What its time went on is the row of TraceTimes::goroutine_rows.
struct TraceLifeStory {
  /// From one change of state to the next.
  struct Step {
    std::int64_t begin_ns = 0;
    std::int64_t length_ns = 0;
    std::string what;               ///< "running", "runnable", "system call", or what it was blocked on
    std::uint32_t stack = 0;        ///< where it stood; of runnable, where its waker stood; row of TraceStacks
    std::uint64_t waker = 0;        ///< goroutine that ended it; 0: the network, a timer, the runtime, or nobody yet
    StringId waker_function;        ///< that the waker started in
    std::uint32_t waker_stack = 0;  ///< where the waker stood
    bool open = false;              ///< it goes on
  };

  std::uint64_t goid = 0;
  bool seen = false;
  StringId creator_function;  ///< that its creator started in
  std::uint64_t created = 0;  ///< goroutines that it created itself
  std::uint64_t steps = 0;    ///< in all
  std::vector<Step> longest;  ///< blocks, waits for a processor and system calls, the longest first
  std::vector<Step> last;     ///< of all, in order
};

}  // namespace gopsy::model
