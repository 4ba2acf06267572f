#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "process/runtime/go_runtime.h"

namespace gopsy::process {

/// runtime.g, as far as it is told.
struct GoroutineState {
  /// runtime/runtime2.go _Gidle and its kin, without the bit of a scan.
  enum Status : std::uint32_t {
    Idle = 0,
    Runnable = 1,
    Running = 2,
    Syscall = 3,
    Waiting = 4,
    Dead = 6,
    CopyStack = 8,
    Preempted = 9,
    Leaked = 10,
    DeadExtra = 11,
  };

  std::uint64_t address = 0;
  std::uint64_t id = 0;
  std::uint32_t status = 0;
  bool scanned = false;
  std::uint8_t wait_reason = 0;
  std::int64_t wait_since_ns = 0;      ///< nanotime() of the first collection that found it waiting; 0: none did
  std::int64_t tracking_stamp_ns = 0;  ///< nanotime() of some change of its state
  std::uint64_t m = 0;
  bool locked = false;
  AddressRange stack;
  std::uint64_t sched_sp = 0;
  std::uint64_t sched_pc = 0;
  std::uint64_t sched_lr = 0;
  std::uint64_t syscall_sp = 0;
  std::uint64_t syscall_pc = 0;
  std::uint64_t panic = 0;
  std::uint32_t signal = 0;
  std::uint64_t signal_code = 0;
  std::uint64_t signal_address = 0;
  std::uint64_t signal_pc = 0;
  std::uint64_t parent = 0;
  std::uint64_t go_pc = 0;
  std::uint64_t start_pc = 0;
  std::uint64_t ancestors = 0;
  std::uint64_t labels = 0;
  std::uint64_t bubble = 0;

  /// In a system call, its own stack stands where it left for it.
  [[nodiscard]] bool in_syscall() const { return status == Syscall && syscall_sp != 0; }
  [[nodiscard]] std::uint64_t sp() const { return in_syscall() ? syscall_sp : sched_sp; }
  [[nodiscard]] bool is_dead() const { return status == Dead || status == DeadExtra || status == Idle; }
  /// Nothing that a stack depends on changed between the two.
  [[nodiscard]] bool stands_as(const GoroutineState& other) const {
    return id == other.id && status == other.status && sp() == other.sp() && sched_pc == other.sched_pc &&
           stack.end == other.stack.end && wait_reason == other.wait_reason;
  }
};

/// Nothing if the bytes are too few or look like no g.
std::optional<GoroutineState> parse_goroutine(const GoRuntime& runtime, std::uint64_t address, std::string_view bytes);

/// The state as goroutine headers print it: "chan receive", "runnable".
std::string_view state_text(const GoRuntime& runtime, const GoroutineState& state);

}  // namespace gopsy::process
