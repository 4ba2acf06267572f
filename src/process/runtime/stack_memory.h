#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "process/memory.h"

namespace gopsy::process {

/// Words of a stack, read front to back: a window of it at a time.
///
/// Cost    where the memory can be looked at in place, nothing is copied; else one read a window.
class StackMemory {
 public:
  explicit StackMemory(const Memory& memory) : memory_(memory) {}

  /// Gives it bytes that were read already.
  void preload(std::uint64_t address, std::string_view bytes) {
    start_ = address;
    bytes_ = bytes;
  }

  [[nodiscard]] std::optional<std::uint64_t> word(std::uint64_t address) {
    std::uint64_t value = 0;
    if (address < start_ || address - start_ > bytes_.size() || bytes_.size() - (address - start_) < 8) {
      if (!load(address)) return memory_.word(address);
    }
    std::memcpy(&value, bytes_.data() + (address - start_), 8);
    return value;
  }

 private:
  bool load(std::uint64_t address);

  const Memory& memory_;
  std::uint64_t start_ = 0;
  std::string_view bytes_;
  std::string buffer_;
};

}  // namespace gopsy::process
