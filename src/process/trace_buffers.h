#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "process/memory.h"

namespace gopsy::process {

/// A batch of an execution trace in the memory of the process that records it.
struct TraceBuffer {
  std::uint64_t address = 0;
  std::uint64_t generation = 0;
  std::uint64_t thread = 0;  ///< m.procid; all bits set: of no thread
  std::uint64_t time = 0;    ///< of its first event, in the clock of the trace
  /// The runtime has ended it: it waits to be written, or was written and its room not used again yet. The others are
  /// being written to by their threads.
  bool ended = false;
  std::string bytes;  ///< a whole batch as files have it: header, size, events
};

/// Finds the buffers that the runtime of Go 1.22 and later collects events in.
///
/// Shape   sorted by generation, thread and time. Of a process that runs on, the last event of a batch may be cut.
/// Yields  also batches that the file has already: their room is kept for the next ones.
/// Cost    a look at each page of writable memory that no file is behind; 64 KiB a buffer.
/// Source  runtime/tracebuf.go (traceBuf, refill): 64 KiB from sysAlloc, so at the start of a page: link, lastTime,
/// pos,
///         lenPos, then a batch, whose size is filled in when it ends.
std::vector<TraceBuffer> find_trace_buffers(const Memory& memory);

}  // namespace gopsy::process
