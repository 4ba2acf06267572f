#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/ids.h"
#include "model/trace_times.h"

namespace gopsy::model {

/// Who ends a block.
enum class TraceWaker : std::uint8_t {
  Goroutine,
  Network,  ///< the poller: what it waited for came over the network (or a pipe, or a device)
  Timer,    ///< a sleep was over, or a timer fired
  Collector,
  Runtime,  ///< nobody in particular
};

/// A block by what ended it: the stack of the waker and the stack of the blocked goroutine.
struct TraceWake {
  std::uint32_t waker_stack = 0;    ///< row of TraceStacks; 0 where no goroutine did it
  std::uint32_t blocked_stack = 0;  ///< row of TraceStacks
  StringId reason;
  TraceWaker waker = TraceWaker::Goroutine;
  std::uint64_t count = 0;
  std::int64_t total_ns = 0;  ///< waited
  std::int64_t longest_ns = 0;
  std::uint64_t longest_goid = 0;
  std::uint64_t longest_waker = 0;  ///< goroutine id, or 0
  std::int64_t longest_end_ns = 0;
};

/// Why a chain of blocks is not followed further back.
enum class TraceChainEnd : std::uint8_t {
  Running,   ///< the waker was computing
  Runnable,  ///< it waited for a processor
  Syscall,
  Network,  ///< nobody woke it but the poller
  Timer,
  Collector,  ///< the collector made it wait
  Created,    ///< it was created only then: see what its creator did
  Mixed,      ///< nothing of it took half of the time
  Unknown,    ///< the trace, or what is kept of it, does not reach back
  Depth,      ///< too many links
};

/// One block, and what the goroutine that ended it did meanwhile.
struct TraceChainLink {
  std::uint64_t goid = 0;   ///< the blocked one
  std::uint64_t waker = 0;  ///< goroutine id; 0: none
  std::int64_t begin_ns = 0;
  std::int64_t end_ns = 0;
  std::uint32_t stack = 0;        ///< row of TraceStacks: where it blocked
  std::uint32_t waker_stack = 0;  ///< where its waker stood when it ended the block
  StringId reason;
  TraceWaker kind = TraceWaker::Goroutine;

  TraceStates meanwhile;    ///< of the waker, over the block; what lacks to its length was before the waker's birth
  StringId waker_function;  ///< that the waker began in
  std::uint32_t doing_stack = 0;  ///< where the longest single thing it did (blocked or in a system call) began
  std::int64_t doing_ns = 0;      ///< how much of that lay in the block

  [[nodiscard]] std::int64_t length_ns() const { return end_ns - begin_ns; }
};

/// A block and its causes: each link was blocked for most of the time of the link before it, and is that one's waker.
struct TraceChain {
  std::vector<TraceChainLink> links;  ///< the block itself first
  TraceChainEnd end = TraceChainEnd::Unknown;

  /// It all goes back to the network or to a timer: more often than not they had nothing to do.
  [[nodiscard]] bool idle() const { return end == TraceChainEnd::Network || end == TraceChainEnd::Timer; }
};

/// Blocks of at least the threshold whose chains go through the same stacks.
struct TraceChainPattern {
  std::uint64_t count = 0;
  std::int64_t total_ns = 0;  ///< of their first links
  TraceChain longest;
};

/// A place where goroutines queue for a lock (or a wait group, or another semaphore of package sync).
struct TraceLockSite {
  struct Holder {
    std::uint32_t stack = 0;  ///< row of TraceStacks: where it let the next one in
    std::uint64_t count = 0;
    std::int64_t held_ns = 0;  ///< from its own turn, or the queue's begin, to the next one's turn
  };

  std::uint32_t place = 0;    ///< row of TraceStacks::places: who called package sync
  std::uint32_t example = 0;  ///< row of TraceStacks: one that blocked there
  std::string call;           ///< "sync.(*Mutex).Lock"
  bool of_runtime = false;    ///< the runtime's own: allocations wait for their turn to begin a collection
  std::uint64_t waits = 0;
  std::int64_t waited_ns = 0;
  std::int64_t longest_ns = 0;
  std::int64_t queued_ns = 0;   ///< wall time during which at least one goroutine stood in the queue
  std::int64_t crowded_ns = 0;  ///< at least two
  std::uint32_t longest_queue = 0;
  std::int64_t longest_queue_ns = 0;  ///< when it was that long
  std::uint64_t handoffs = 0;         ///< turns that passed from one of the queue to the next, with nobody else between
  std::uint64_t longest_run = 0;      ///< of such, one after the other
  TraceStates held;                   ///< what holders did during their turns, where the queue was not empty
  std::vector<Holder> holders;        ///< most time first
  std::vector<std::int64_t> queue;  ///< waited ns by slice of the trace, `slice_ns` long each: mean queue = ns / slice
};

/// Who made whom wait in one trace.
struct TraceChains {
  std::vector<TraceWake> wakes;   ///< most time first
  std::uint64_t other_wakes = 0;  ///< blocks in no row: there were more pairs of stacks than are kept
  std::int64_t threshold_ns = 0;  ///< from how long on a block is followed back
  std::uint64_t long_blocks = 0;  ///< of at least that, that a goroutine ended
  std::int64_t long_blocks_ns = 0;
  std::uint64_t idle_blocks = 0;  ///< of those, where it all goes back to the network or a timer: they idle
  std::int64_t idle_blocks_ns = 0;
  std::uint64_t endless_blocks = 0;         ///< of at least that, that nothing ended: nobody to follow
  std::vector<TraceChainPattern> patterns;  ///< most time first, idle ones last
  std::uint64_t other_patterns = 0;         ///< long blocks in no row
  std::vector<TraceChain> worst;            ///< the longest blocks that are not idle, longest first
  std::vector<TraceLockSite> locks;         ///< most time first, wait groups last
  std::uint64_t other_locks = 0;            ///< waits in no row
  std::int64_t slice_ns = 0;                ///< of TraceLockSite::queue, which begin with the trace
};

}  // namespace gopsy::model
