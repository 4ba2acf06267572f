#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "process/runtime/goroutine.h"
#include "process/runtime/unwind.h"

namespace gopsy::process {

/// One goroutine, as `read_goroutines` hands it over.
struct ReadGoroutine {
  const GoroutineState& state;
  const WalkedStack* stack = nullptr;  ///< null: it runs, and nobody knows the registers of its thread
  StackMemory& memory;                 ///< for the words of the frames
  bool torn = false;                   ///< it ran on in every try: state and stack may be of different moments
};

/// What became of the entries of runtime.allgs: read = kept + free + implausible + repeated.
struct GoroutineCounts {
  std::uint64_t read = 0;
  std::uint64_t kept = 0;
  std::uint64_t free = 0;  ///< dead ones that wait for use
  std::uint64_t implausible = 0;
  std::uint64_t repeated = 0;
  std::uint64_t beyond = 0;   ///< entries that were not looked at: the list says so many that it cannot be right
  std::uint64_t retried = 0;  ///< of a living process: read again, since they had moved meanwhile
  std::uint64_t torn = 0;
};

/// Reads all goroutines with their stacks, in the order of allgs. What `use` is handed is valid during the call.
///
/// Shape   a living process is not stopped: each goroutine is read as g, stack, g in one call of the kernel, and again
///         if the two differ.
/// Cost    a core: no copy of stacks. A living process: a system call for 32 goroutines.
GoroutineCounts read_goroutines(const GoRuntime& runtime, CodeMap& code,
                                const std::function<void(const ReadGoroutine&)>& use);

/// Where a thread's stack starts, and where its goroutine is left if it runs on another stack than the goroutine's own.
const WalkedStack& walk_thread(const StoppedThread& thread, const GoroutineState& goroutine, StackWalker& walker,
                               StackMemory& memory);

}  // namespace gopsy::process
