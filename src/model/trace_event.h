#pragma once

#include <cstdint>

namespace gopsy::model {

/// Event types of an execution trace as the v2 wire format numbers them; those of v1 are converted to these.
///
/// Source  internal/trace/tracev2/events.go, read at go1.26.
enum class TraceType : std::uint8_t {
  None = 0,
  EventBatch = 1,
  Stacks = 2,
  Stack = 3,
  Strings = 4,
  String = 5,
  CpuSamples = 6,
  CpuSample = 7,
  Frequency = 8,
  ProcsChange = 9,
  ProcStart = 10,
  ProcStop = 11,
  ProcSteal = 12,
  ProcStatus = 13,
  GoCreate = 14,
  GoCreateSyscall = 15,
  GoStart = 16,
  GoDestroy = 17,
  GoDestroySyscall = 18,
  GoStop = 19,
  GoBlock = 20,
  GoUnblock = 21,
  GoSyscallBegin = 22,
  GoSyscallEnd = 23,
  GoSyscallEndBlocked = 24,
  GoStatus = 25,
  StwBegin = 26,
  StwEnd = 27,
  GcActive = 28,
  GcBegin = 29,
  GcEnd = 30,
  SweepActive = 31,
  SweepBegin = 32,
  SweepEnd = 33,
  AssistActive = 34,
  AssistBegin = 35,
  AssistEnd = 36,
  HeapAlloc = 37,
  HeapGoal = 38,
  GoLabel = 39,
  TaskBegin = 40,
  TaskEnd = 41,
  RegionBegin = 42,
  RegionEnd = 43,
  Log = 44,
  GoSwitch = 45,
  GoSwitchDestroy = 46,
  GoCreateBlocked = 47,
  GoStatusStack = 48,
  ExperimentalBatch = 49,
  Sync = 50,  ///< on the wire the head of a sync batch; in the stream of events: a generation begins, or the trace ends
  ClockSnapshot = 51,
  EndOfGeneration = 52,
  Span = 128,
  SpanAlloc = 129,
  SpanFree = 130,
  HeapObject = 131,
  HeapObjectAlloc = 132,
  HeapObjectFree = 133,
  GoroutineStack = 134,
  GoroutineStackAlloc = 135,
  GoroutineStackFree = 136,
};

/// What a goroutine does, as internal/trace names it.
enum class GoState : std::uint8_t { Undetermined, NotExist, Runnable, Running, Waiting, Syscall };

/// What a P (a processor of the scheduler) does.
enum class ProcState : std::uint8_t { Undetermined, NotExist, Running, Idle };

/// One event, in order, with the context it happened in.
///
/// Shape   `g`, `p`, `m` are rows of TraceNames: who ran when it happened, 0 = nobody. They are dense, so an analysis
///         keeps its state in vectors. `subject` is the goroutine (of Go… types) or P (of Proc… and Sweep… types) that
///         the event is about, which a waker need not be. `stack` is a row of TraceTables::stacks.
///         `from` and `to` are a GoState or ProcState of `subject`, in events that change one.
///         What `value` and `other` hold, by type:
///           ProcsChange, HeapAlloc, HeapGoal   the value
///           GoCreate, GoCreateBlocked          other: row of the new goroutine's stack
///           GoBlock, GoStop                    value: row of the reason
///           StwBegin, StwEnd, GoLabel          value: row of the kind, of the label
///           SweepEnd                           bytes swept, bytes reclaimed
///           TaskBegin, TaskEnd                 id, id of the parent (2^64 - 1: none); subject: row of the name
///           RegionBegin, RegionEnd             id of the task; other: row of the name
///           Log                                id of the task; other: row of the message; subject: row of the category
///           Sync                               value: how many of them there were, this one included
///           Span and the rest of AllocFree     the first two arguments; the third in `subject` and `stack`, low half
///           first
/// Source  internal/trace/event.go and order.go.
struct TraceEvent {
  enum Flag : std::uint8_t {
    /// The trace is damaged here: the event contradicts what was known, and what it says was believed.
    kForced = 1,
    /// Sync: it stands at the head of a generation that took a reading of the clocks.
    kHasClock = 2,
  };

  std::int64_t time_ns = 0;  ///< strictly increasing; CLOCK_MONOTONIC from Go 1.22 on, else since the trace began
  std::uint64_t value = 0;
  std::uint64_t other = 0;
  std::uint32_t g = 0;
  std::uint32_t p = 0;
  std::uint32_t m = 0;
  std::uint32_t subject = 0;
  std::uint32_t stack = 0;
  TraceType type = TraceType::None;
  std::uint8_t from = 0;
  std::uint8_t to = 0;
  std::uint8_t flags = 0;
};
static_assert(sizeof(TraceEvent) == 48, "a chunk of events has to stay in the first cache");

constexpr std::uint64_t kNoTask = ~std::uint64_t{0};

}  // namespace gopsy::model
