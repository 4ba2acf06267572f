#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/error.h"

namespace gopsy::decode::trace {

/// Event types of Go 1.11 to 1.21.
/// Source  internal/trace/internal/tracev1/parser.go; runtime/trace.go of those versions.
enum class V1Type : std::uint8_t {
  None = 0,
  Batch = 1,
  Frequency = 2,
  Stack = 3,
  Gomaxprocs = 4,
  ProcStart = 5,
  ProcStop = 6,
  GcStart = 7,
  GcDone = 8,
  StwStart = 9,
  StwDone = 10,
  SweepStart = 11,
  SweepDone = 12,
  GoCreate = 13,
  GoStart = 14,
  GoEnd = 15,
  GoStop = 16,
  GoSched = 17,
  GoPreempt = 18,
  GoSleep = 19,
  GoBlock = 20,
  GoUnblock = 21,
  GoBlockSend = 22,
  GoBlockRecv = 23,
  GoBlockSelect = 24,
  GoBlockSync = 25,
  GoBlockCond = 26,
  GoBlockNet = 27,
  GoSysCall = 28,
  GoSysExit = 29,
  GoSysBlock = 30,
  GoWaiting = 31,
  GoInSyscall = 32,
  HeapAlloc = 33,
  HeapGoal = 34,
  TimerGoroutine = 35,
  FutileWakeup = 36,
  String = 37,
  GoStartLocal = 38,
  GoUnblockLocal = 39,
  GoSysExitLocal = 40,
  GoStartLabel = 41,
  GoBlockGc = 42,
  AssistStart = 43,
  AssistDone = 44,
  TaskCreate = 45,
  TaskEnd = 46,
  Region = 47,
  Log = 48,
  CpuSample = 49,
};

/// Whether the goroutine that runs stops and then waits until it is woken. GoStop does so for good, GoSysBlock in a
/// call.
constexpr bool v1_parks(V1Type type) {
  using enum V1Type;
  return type == GoSleep || type == GoBlock || (type >= GoBlockSend && type <= GoBlockNet) || type == GoBlockGc;
}

/// One record of a v1 trace.
struct V1Record {
  static constexpr std::size_t kMostArgs = 6;

  V1Type type = V1Type::None;
  std::uint8_t count = 0;  ///< of `args` that are there
  /// Timed ones begin with the difference of time in ticks. Of a stack only id and size; see `frames`.
  std::array<std::uint64_t, kMostArgs> args{};
  std::string_view text;    ///< of strings and logs
  std::string_view frames;  ///< of a stack: pc, function, file, line of each frame
};

/// Reads the record at the front of `bytes` and takes it off. With `full`, its arguments are checked.
/// Errors  as the official reader; Truncated where the bytes end before the record does. Offsets count from `bytes`.
Result<V1Record> take_v1_record(std::string_view& bytes, unsigned format);

/// Where the record at `at` ends if it is one of the many that only stand in the order of events and take few bytes.
/// Null for all others, and for what is damaged: take_v1_record says more.
const char* skip_v1_event(const char* at, const char* end, unsigned format);

/// Reads a record of an event that take_v1_record has accepted before, and moves `at` behind it.
V1Record reread_v1_record(const char*& at, const char* end);

}  // namespace gopsy::decode::trace
