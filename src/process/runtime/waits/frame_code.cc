#include "process/runtime/waits/frame_code.h"

#include <array>
#include <utility>

namespace gopsy::process {
namespace {

constexpr std::uint64_t kMostDeferInfo = 64;
constexpr unsigned kSlotsInARow = 22;

std::uint16_t mark_of(std::string_view function) {
  constexpr std::array kMarks{
      std::pair{std::string_view("sync.(*Mutex).Lock"), kMutexLock},
      std::pair{std::string_view("sync.(*Mutex).lockSlow"), kMutexLock},
      std::pair{std::string_view("internal/sync.(*Mutex).Lock"), kMutexLock},
      std::pair{std::string_view("internal/sync.(*Mutex).lockSlow"), kMutexLock},
      std::pair{std::string_view("sync.(*RWMutex).Lock"), kRWMutexLock},
      std::pair{std::string_view("sync.(*RWMutex).RLock"), kRWMutexRLock},
      std::pair{std::string_view("sync.(*WaitGroup).Wait"), kWaitGroupWait},
      std::pair{std::string_view("sync.(*Cond).Wait"), kCondWait},
      std::pair{std::string_view("internal/poll.runtime_pollWait"), kPollWait},
  };
  for (const auto& [name, mark] : kMarks)
    if (function == name) return mark;
  return 0;
}

bool is_inner(std::string_view function) {
  for (const std::string_view package : {"runtime.", "sync.", "internal/sync.", "internal/poll.", "internal/runtime/"})
    if (function.starts_with(package)) return true;
  return false;
}

}  // namespace

std::uint64_t take_varint(std::string_view& bytes) {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 63 && !bytes.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(1);
    value |= std::uint64_t{byte & 0x7FU} << shift;
    if (byte < 0x80) return value;
  }
  return 0;
}

// runtime/panic.go: funcdata.OpenCodedDeferInfo is read by runOpenDeferFrame (up to 1.21) and nextFrame (since).
void FrameCodes::read_open_defers(std::uint64_t pc, FrameCode& frame) const {
  const std::uint64_t address = runtime_.to_file(pc);
  const auto unwind = runtime_.table->unwind(address, address);
  if (!unwind) return;
  frame.defers = unwind->defers;
  if (unwind->open_defers == 0) return;
  std::string_view info = runtime_.target->object->elf().memory(unwind->open_defers, kMostDeferInfo);
  if (info.empty()) return;
  frame.has_open_defers = true;
  frame.bits_offset = take_varint(info);
  if (runtime_.layout.minor >= kSlotsInARow) {
    frame.slots_offset = take_varint(info);
  } else {
    frame.slot_offsets = info;
  }
}

const FrameCode& FrameCodes::of(const Code& code, std::uint64_t pc) {
  const auto [known, is_new] = known_.try_emplace(&code);
  FrameCode& frame = known->second;
  if (!is_new) return frame;
  bool inner = true;
  for (const CodeFrame& place : code_.frames_of(code)) {
    const std::string_view function = symbols_.text(place.function);
    frame.marks |= mark_of(function);
    inner = inner && is_inner(function);
  }
  if (inner) frame.marks |= kSyncOnly;
  frame.may_release = !inner && sync_.may_release_from(runtime_.to_file(pc));
  read_open_defers(pc, frame);
  return frame;
}

}  // namespace gopsy::process
