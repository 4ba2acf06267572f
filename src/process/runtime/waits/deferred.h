#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "process/runtime/goroutine_reader.h"
#include "process/runtime/waits/frame_code.h"

namespace gopsy::process {

/// A closure that a frame deferred.
struct Deferred {
  std::size_t frame = 0;  ///< of WalkedStack::frames
  std::uint64_t closure = 0;
  bool ran = false;  ///< a panic ran it already
};

/// The deferred calls of a stack, in the order in which they would run.
///
/// Shape   open-coded ones from the frames, the others from g._defer. A panic takes what it runs off; of open-coded
/// ones
///         the closures stay behind in the frame, and are told with `ran`.
/// Source  runtime/panic.go: deferproc, addOneOpenDeferFrame (up to 1.21), (*_panic).nextFrame (since); runtime2.go
///         _defer.
std::vector<Deferred> deferred_calls(const GoRuntime& runtime, const ReadGoroutine& goroutine, FrameCodes& frames);

}  // namespace gopsy::process
