#pragma once

#include <cstdint>
#include <string>

namespace gopsy::process {

/// Where the fields of the runtime's structs stand, in bytes, on 64-bit machines. 0: the version has no such field
/// (none that is kept here stands at 0 but where a comment says so).
///
/// Shape   one row a minor version; amd64 and arm64 agree. What never moved from Go 1.18 to 1.27 is a constant.
/// Source  DWARF of programs that each version built (runtime.g, runtime.m, runtime._panic, runtime.moduledata, …).
struct RuntimeLayout {
  unsigned minor = 0;  ///< of "go1.minor"

  struct G {
    static constexpr std::uint16_t kStackLow = 0;
    static constexpr std::uint16_t kStackHigh = 8;
    static constexpr std::uint16_t kPanic = 32;
    static constexpr std::uint16_t kM = 48;
    static constexpr std::uint16_t kSchedSp = 56;
    static constexpr std::uint16_t kSchedPc = 64;
    std::uint16_t sched_lr = 0;
    std::uint16_t syscall_sp = 0;
    std::uint16_t syscall_pc = 0;
    std::uint16_t status = 0;
    std::uint16_t goid = 0;
    std::uint16_t wait_since = 0;
    std::uint16_t wait_reason = 0;
    std::uint16_t tracking_stamp = 0;
    std::uint16_t locked_m = 0;
    std::uint16_t signal = 0;
    std::uint16_t signal_code = 0;
    std::uint16_t signal_address = 0;
    std::uint16_t signal_pc = 0;
    std::uint16_t parent = 0;
    std::uint16_t go_pc = 0;
    std::uint16_t ancestors = 0;
    std::uint16_t start_pc = 0;
    std::uint16_t waiting = 0;
    std::uint16_t labels = 0;
    std::uint16_t bubble = 0;
    std::uint16_t size = 0;
  } g;

  struct M {
    std::uint16_t procid = 0;  ///< g0 stands at 0
    std::uint16_t gsignal = 0;
    std::uint16_t curg = 0;
    std::uint16_t id = 0;
    std::uint16_t throwing = 0;
    std::uint16_t dying = 0;
    std::uint16_t all_link = 0;
    std::uint16_t vdso_sp = 0;  ///< vdsoPC follows
  } m;

  struct Panic {
    std::uint16_t arg = 0;  ///< may be 0
    std::uint16_t link = 0;
    std::uint16_t recovered = 0;
    std::uint16_t repanicked = 0;
    std::uint16_t goexit = 0;
  } panic;

  std::uint16_t next_module = 0;  ///< in moduledata
  std::uint16_t types = 0;
  std::uint16_t end_types = 0;
  /// Labels of a goroutine: a map up to Go 1.23, a slice of pairs since.
  bool labels_are_list = false;
};

/// What goroutines wait on: runtime.sudog, hchan, pollDesc, timer and _defer. 0: the version has no such field.
struct WaitLayout {
  unsigned minor = 0;  ///< the first version that has it so

  static constexpr std::uint16_t kSudogG = 0;
  static constexpr std::uint16_t kSudogElement = 24;
  static constexpr std::uint16_t kTimerBehindWaiting = 40;  ///< in g: the two keep their distance
  static constexpr std::uint16_t kDefers = 40;              ///< g._defer
  static constexpr std::uint16_t kDescriptor = 8;
  std::uint16_t sudog_waitlink = 0;
  std::uint16_t sudog_channel = 0;
  std::uint16_t channel_timer = 0;
  std::uint16_t channel_type = 0;
  std::uint16_t poll_readers = 0;  ///< the g that waits to read; the one that writes follows
  std::uint16_t timer_when = 0;
  std::uint16_t defer_link = 0;
  bool slots_in_a_row = false;   ///< open-coded defers: all closures in one array
  bool semaphore_waits = false;  ///< g.waiting is set for locks too
};

WaitLayout wait_layout(unsigned minor);

/// A synctest bubble's number in it, since Go 1.25.
inline constexpr std::uint64_t kBubbleId = 72;

/// The row of a minor version; the nearest there is for one that has none. Source of truth for which are known:
/// `minor`.
RuntimeLayout runtime_layout(unsigned minor);

/// Is there a row measured on this very version?
bool is_known_version(unsigned minor);

}  // namespace gopsy::process
