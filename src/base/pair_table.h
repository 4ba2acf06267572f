#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace gopsy {

/// Numbers the distinct pairs (a, b) of 32-bit values densely, in order of first sight, from 1.
///
/// Trees go through TreeIndex, which comes here only for nodes with many children.
/// Cost    one multiply and, at half load or less, 1.5 probes a look-up; 12 bytes a slot. Past the cache a
///         look-up is one miss: builders that can should meet the pairs in order, and reserve.
class PairTable {
 public:
  PairTable() : slots_(kFirstSlots) {}

  /// The number of (a, b), and whether it is new. REQUIRES: fewer than 2^32 - 1 pairs.
  struct Found {
    std::uint32_t number;
    bool is_new;
  };

  Found number(std::uint32_t a, std::uint32_t b) {
    if ((count_ + 1) * 2 > slots_.size()) resize(slots_.size() * 4);
    std::size_t at = home(a, b);
    while (slots_[at].number != 0) {
      if (slots_[at].a == a && slots_[at].b == b) return {.number = slots_[at].number, .is_new = false};
      at = (at + 1) & (slots_.size() - 1);
    }
    slots_[at] = {.a = a, .b = b, .number = ++count_};
    return {.number = count_, .is_new = true};
  }

  /// The number of (a, b); 0 if it has none.
  [[nodiscard]] std::uint32_t find(std::uint32_t a, std::uint32_t b) const {
    for (std::size_t at = home(a, b); slots_[at].number != 0; at = (at + 1) & (slots_.size() - 1))
      if (slots_[at].a == a && slots_[at].b == b) return slots_[at].number;
    return 0;
  }

  [[nodiscard]] std::uint32_t size() const { return count_; }

 private:
  struct Slot {
    std::uint32_t a = 0;
    std::uint32_t b = 0;
    std::uint32_t number = 0;
  };
  static constexpr std::size_t kFirstSlots = 1024;

  [[nodiscard]] std::size_t home(std::uint32_t a, std::uint32_t b) const {
    const std::uint64_t key = (std::uint64_t{a} << 32 | b) * 0x9E3779B97F4A7C15ULL;
    return (key >> 32) & (slots_.size() - 1);
  }

  void resize(std::size_t slots) {
    std::vector<Slot> old(slots);
    old.swap(slots_);
    for (const Slot& slot : old) {
      if (slot.number == 0) continue;
      std::size_t at = home(slot.a, slot.b);
      while (slots_[at].number != 0) at = (at + 1) & (slots_.size() - 1);
      slots_[at] = slot;
    }
  }

  std::vector<Slot> slots_;
  std::uint32_t count_ = 0;
};

}  // namespace gopsy
