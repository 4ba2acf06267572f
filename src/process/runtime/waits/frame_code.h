#pragma once

#include <cstdint>
#include <string_view>
#include <unordered_map>

#include "process/runtime/code.h"
#include "process/runtime/waits/sync_code.h"

namespace gopsy::process {

/// Functions of sync and of the runtime in which goroutines wait.
enum FrameMark : std::uint16_t {
  kMutexLock = 1,
  kRWMutexLock = 2,
  kRWMutexRLock = 4,
  kWaitGroupWait = 8,
  kCondWait = 16,
  kPollWait = 32,
  kSyncOnly = 64,  ///< nothing in it is outside of runtime, sync and internal/poll
};

/// What is asked of the frames at one address over and over.
struct FrameCode {
  std::uint16_t marks = 0;   ///< of FrameMark, inlined functions counted
  bool may_release = false;  ///< SyncCode::may_release_from where it goes on
  bool defers = false;       ///< its function has defer statements
  bool has_open_defers = false;
  std::uint64_t bits_offset = 0;   ///< of open-coded defers, below the frame's variables
  std::uint64_t slots_offset = 0;  ///< of the array of closures, since Go 1.22
  std::string_view slot_offsets;   ///< before: a count and an offset each, the last deferred call first
};

/// Frames by address.
class FrameCodes {
 public:
  FrameCodes(const GoRuntime& runtime, CodeMap& code, model::Symbols& symbols, SyncCode& sync)
      : runtime_(runtime), code_(code), symbols_(symbols), sync_(sync) {}

  const FrameCode& of(const Code& code, std::uint64_t pc);

 private:
  void read_open_defers(std::uint64_t pc, FrameCode& frame) const;

  const GoRuntime& runtime_;
  CodeMap& code_;
  model::Symbols& symbols_;
  SyncCode& sync_;
  std::unordered_map<const Code*, FrameCode> known_;
};

/// A varint of the runtime's tables; moves `bytes` on. 0 where it ends early.
std::uint64_t take_varint(std::string_view& bytes);

}  // namespace gopsy::process
