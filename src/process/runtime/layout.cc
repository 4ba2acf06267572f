#include "process/runtime/layout.h"

#include <algorithm>
#include <array>

namespace gopsy::process {
namespace {

// clang-format off: a row a version, so that two can be laid beside each other.
constexpr std::array kRows{
  RuntimeLayout{.minor = 18,
    .g = {.sched_lr = 96, .syscall_sp = 112, .syscall_pc = 120, .status = 144, .goid = 152, .wait_since = 168, .wait_reason = 176,
          .tracking_stamp = 0, .locked_m = 232, .signal = 240, .signal_code = 272, .signal_address = 280, .signal_pc = 288,
          .parent = 0, .go_pc = 296, .ancestors = 304, .start_pc = 312, .waiting = 328, .labels = 360, .bubble = 0, .size = 392},
    .m = {.procid = 72, .gsignal = 80, .curg = 192, .id = 232, .throwing = 244, .dying = 268, .all_link = 336, .vdso_sp = 800},
    .panic = {.arg = 8, .link = 24, .recovered = 48, .repanicked = 0, .goexit = 50},
    .next_module = 544, .types = 280, .end_types = 288, .labels_are_list = false},
  RuntimeLayout{.minor = 19,
    .g = {.sched_lr = 96, .syscall_sp = 112, .syscall_pc = 120, .status = 144, .goid = 152, .wait_since = 168, .wait_reason = 176,
          .tracking_stamp = 0, .locked_m = 232, .signal = 240, .signal_code = 272, .signal_address = 280, .signal_pc = 288,
          .parent = 0, .go_pc = 296, .ancestors = 304, .start_pc = 312, .waiting = 328, .labels = 360, .bubble = 0, .size = 392},
    .m = {.procid = 72, .gsignal = 80, .curg = 192, .id = 232, .throwing = 244, .dying = 268, .all_link = 336, .vdso_sp = 800},
    .panic = {.arg = 8, .link = 24, .recovered = 48, .repanicked = 0, .goexit = 50},
    .next_module = 544, .types = 280, .end_types = 288, .labels_are_list = false},
  RuntimeLayout{.minor = 20,
    .g = {.sched_lr = 96, .syscall_sp = 112, .syscall_pc = 120, .status = 144, .goid = 152, .wait_since = 168, .wait_reason = 176,
          .tracking_stamp = 192, .locked_m = 232, .signal = 240, .signal_code = 272, .signal_address = 280, .signal_pc = 288,
          .parent = 0, .go_pc = 296, .ancestors = 304, .start_pc = 312, .waiting = 328, .labels = 360, .bubble = 0, .size = 392},
    .m = {.procid = 72, .gsignal = 80, .curg = 192, .id = 232, .throwing = 244, .dying = 268, .all_link = 336, .vdso_sp = 800},
    .panic = {.arg = 8, .link = 24, .recovered = 48, .repanicked = 0, .goexit = 50},
    .next_module = 560, .types = 296, .end_types = 304, .labels_are_list = false},
  RuntimeLayout{.minor = 21,
    .g = {.sched_lr = 96, .syscall_sp = 112, .syscall_pc = 120, .status = 144, .goid = 152, .wait_since = 168, .wait_reason = 176,
          .tracking_stamp = 192, .locked_m = 208, .signal = 216, .signal_code = 248, .signal_address = 256, .signal_pc = 264,
          .parent = 272, .go_pc = 280, .ancestors = 288, .start_pc = 296, .waiting = 312, .labels = 344, .bubble = 0, .size = 408},
    .m = {.procid = 72, .gsignal = 80, .curg = 192, .id = 232, .throwing = 244, .dying = 268, .all_link = 336, .vdso_sp = 808},
    .panic = {.arg = 8, .link = 24, .recovered = 48, .repanicked = 0, .goexit = 50},
    .next_module = 584, .types = 296, .end_types = 304, .labels_are_list = false},
  RuntimeLayout{.minor = 22,
    .g = {.sched_lr = 96, .syscall_sp = 112, .syscall_pc = 120, .status = 144, .goid = 152, .wait_since = 168, .wait_reason = 176,
          .tracking_stamp = 192, .locked_m = 208, .signal = 216, .signal_code = 248, .signal_address = 256, .signal_pc = 264,
          .parent = 272, .go_pc = 280, .ancestors = 288, .start_pc = 296, .waiting = 312, .labels = 344, .bubble = 0, .size = 424},
    .m = {.procid = 72, .gsignal = 80, .curg = 192, .id = 232, .throwing = 244, .dying = 268, .all_link = 328, .vdso_sp = 1120},
    .panic = {.arg = 8, .link = 24, .recovered = 96, .repanicked = 0, .goexit = 97},
    .next_module = 584, .types = 296, .end_types = 304, .labels_are_list = false},
  RuntimeLayout{.minor = 23,
    .g = {.sched_lr = 96, .syscall_sp = 112, .syscall_pc = 120, .status = 152, .goid = 160, .wait_since = 176, .wait_reason = 184,
          .tracking_stamp = 200, .locked_m = 216, .signal = 224, .signal_code = 256, .signal_address = 264, .signal_pc = 272,
          .parent = 280, .go_pc = 288, .ancestors = 296, .start_pc = 304, .waiting = 320, .labels = 352, .bubble = 0, .size = 432},
    .m = {.procid = 72, .gsignal = 80, .curg = 192, .id = 232, .throwing = 244, .dying = 268, .all_link = 328, .vdso_sp = 856},
    .panic = {.arg = 8, .link = 24, .recovered = 96, .repanicked = 0, .goexit = 97},
    .next_module = 576, .types = 296, .end_types = 304, .labels_are_list = false},
  RuntimeLayout{.minor = 24,
    .g = {.sched_lr = 96, .syscall_sp = 112, .syscall_pc = 120, .status = 152, .goid = 160, .wait_since = 176, .wait_reason = 184,
          .tracking_stamp = 200, .locked_m = 216, .signal = 228, .signal_code = 256, .signal_address = 264, .signal_pc = 272,
          .parent = 280, .go_pc = 288, .ancestors = 296, .start_pc = 304, .waiting = 320, .labels = 352, .bubble = 0, .size = 440},
    .m = {.procid = 72, .gsignal = 80, .curg = 192, .id = 232, .throwing = 244, .dying = 268, .all_link = 328, .vdso_sp = 880},
    .panic = {.arg = 8, .link = 24, .recovered = 96, .repanicked = 0, .goexit = 97},
    .next_module = 576, .types = 296, .end_types = 304, .labels_are_list = true},
  RuntimeLayout{.minor = 25,
    .g = {.sched_lr = 88, .syscall_sp = 104, .syscall_pc = 112, .status = 144, .goid = 152, .wait_since = 168, .wait_reason = 176,
          .tracking_stamp = 192, .locked_m = 208, .signal = 220, .signal_code = 248, .signal_address = 256, .signal_pc = 264,
          .parent = 272, .go_pc = 280, .ancestors = 288, .start_pc = 296, .waiting = 312, .labels = 344, .bubble = 384, .size = 440},
    .m = {.procid = 64, .gsignal = 72, .curg = 184, .id = 224, .throwing = 236, .dying = 260, .all_link = 344, .vdso_sp = 896},
    .panic = {.arg = 8, .link = 24, .recovered = 96, .repanicked = 97, .goexit = 98},
    .next_module = 576, .types = 296, .end_types = 304, .labels_are_list = true},
  RuntimeLayout{.minor = 26,
    .g = {.sched_lr = 88, .syscall_sp = 104, .syscall_pc = 112, .status = 144, .goid = 152, .wait_since = 168, .wait_reason = 176,
          .tracking_stamp = 192, .locked_m = 208, .signal = 224, .signal_code = 256, .signal_address = 264, .signal_pc = 272,
          .parent = 280, .go_pc = 288, .ancestors = 296, .start_pc = 304, .waiting = 320, .labels = 352, .bubble = 392, .size = 456},
    .m = {.procid = 64, .gsignal = 72, .curg = 184, .id = 232, .throwing = 244, .dying = 268, .all_link = 352, .vdso_sp = 896},
    .panic = {.arg = 0, .link = 16, .recovered = 88, .repanicked = 89, .goexit = 90},
    .next_module = 584, .types = 296, .end_types = 304, .labels_are_list = true},
  RuntimeLayout{.minor = 27,
    .g = {.sched_lr = 88, .syscall_sp = 104, .syscall_pc = 112, .status = 144, .goid = 152, .wait_since = 168, .wait_reason = 176,
          .tracking_stamp = 192, .locked_m = 208, .signal = 224, .signal_code = 256, .signal_address = 264, .signal_pc = 272,
          .parent = 280, .go_pc = 288, .ancestors = 296, .start_pc = 304, .waiting = 320, .labels = 352, .bubble = 392, .size = 456},
    .m = {.procid = 64, .gsignal = 72, .curg = 184, .id = 232, .throwing = 244, .dying = 268, .all_link = 352, .vdso_sp = 896},
    .panic = {.arg = 0, .link = 16, .recovered = 88, .repanicked = 89, .goexit = 90},
    .next_module = 560, .types = 296, .end_types = 312, .labels_are_list = true},
};

constexpr std::array kWaitRows{
  WaitLayout{.minor = 18, .sudog_waitlink = 64, .sudog_channel = 80, .channel_timer = 0, .channel_type = 32,
             .poll_readers = 24, .timer_when = 8, .defer_link = 40,
             .slots_in_a_row = false, .semaphore_waits = false},
  WaitLayout{.minor = 21, .sudog_waitlink = 64, .sudog_channel = 80, .channel_timer = 0, .channel_type = 32,
             .poll_readers = 32, .timer_when = 8, .defer_link = 40,
             .slots_in_a_row = false, .semaphore_waits = false},
  WaitLayout{.minor = 22, .sudog_waitlink = 64, .sudog_channel = 80, .channel_timer = 0, .channel_type = 32,
             .poll_readers = 32, .timer_when = 8, .defer_link = 32,
             .slots_in_a_row = true, .semaphore_waits = false},
  WaitLayout{.minor = 23, .sudog_waitlink = 64, .sudog_channel = 80, .channel_timer = 32, .channel_type = 40,
             .poll_readers = 32, .timer_when = 16, .defer_link = 32,
             .slots_in_a_row = true, .semaphore_waits = false},
  WaitLayout{.minor = 25, .sudog_waitlink = 64, .sudog_channel = 80, .channel_timer = 32, .channel_type = 40,
             .poll_readers = 32, .timer_when = 24, .defer_link = 32,
             .slots_in_a_row = true, .semaphore_waits = false},
  WaitLayout{.minor = 26, .sudog_waitlink = 72, .sudog_channel = 88, .channel_timer = 32, .channel_type = 40,
             .poll_readers = 32, .timer_when = 24, .defer_link = 32,
             .slots_in_a_row = true, .semaphore_waits = true},
};
// clang-format on

}  // namespace

WaitLayout wait_layout(unsigned minor) {
  const auto after = std::ranges::find_if(kWaitRows, [&](const WaitLayout& row) { return row.minor > minor; });
  return after == kWaitRows.begin() ? kWaitRows.front() : *(after - 1);
}

RuntimeLayout runtime_layout(unsigned minor) {
  const auto found = std::ranges::find(kRows, minor, &RuntimeLayout::minor);
  if (found != kRows.end()) return *found;
  return minor < kRows.front().minor ? kRows.front() : kRows.back();
}

bool is_known_version(unsigned minor) { return std::ranges::find(kRows, minor, &RuntimeLayout::minor) != kRows.end(); }

}  // namespace gopsy::process
