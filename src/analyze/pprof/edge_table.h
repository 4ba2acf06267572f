#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace gopsy::pprof {

/// The weights of calls, by caller and callee, in one cache line's reach each: key, sum and marks stand together, so
/// that a call costs one access to memory. A table of numbers with the edges behind it costs three.
/// Cost    32 bytes a slot, at half load or less.
class EdgeTable {
 public:
  struct Slot {
    std::uint32_t from = 0;
    std::uint32_t to = 0;
    std::int64_t weight = 0;
    std::int64_t divisor = 0;
    std::uint32_t number = 0;     // from 1, in order of first sight; 0 = empty
    std::uint32_t seen : 30 = 0;  // the last sample that had the call, its low bits
    std::uint32_t residual : 1 = 0;
    std::uint32_t inlined : 1 = 0;
  };

  EdgeTable() : slots_(std::size_t{1} << 12) {}

  void prefetch(std::uint32_t from, std::uint32_t to) const { __builtin_prefetch(&slots_[home(from, to)], 1); }

  /// The slot of that call, made if there is none. Valid until the next call of `at`.
  Slot& at(std::uint32_t from, std::uint32_t to) {
    Slot* slot = find(slots_, from, to);
    if (slot->number != 0) return *slot;
    if ((count_ + 1) * 2 > slots_.size()) {
      grow();
      slot = find(slots_, from, to);
    }
    slot->from = from;
    slot->to = to;
    slot->inlined = 1;
    slot->number = static_cast<std::uint32_t>(++count_);
    return *slot;
  }

  [[nodiscard]] std::size_t size() const { return count_; }
  /// Every slot, empty ones too.
  [[nodiscard]] const std::vector<Slot>& slots() const { return slots_; }

 private:
  [[nodiscard]] std::size_t home(std::uint32_t from, std::uint32_t to) const {
    const std::uint64_t key = (std::uint64_t{from} << 32 | to) * 0x9E3779B97F4A7C15ULL;
    return (key >> 32) & (slots_.size() - 1);
  }

  Slot* find(std::vector<Slot>& slots, std::uint32_t from, std::uint32_t to) const {
    std::size_t at = home(from, to);
    while (slots[at].number != 0 && (slots[at].from != from || slots[at].to != to)) at = (at + 1) & (slots.size() - 1);
    return &slots[at];
  }

  void grow() {
    std::vector<Slot> old(slots_.size() * 4);
    old.swap(slots_);
    for (const Slot& slot : old)
      if (slot.number != 0) *find(slots_, slot.from, slot.to) = slot;
  }

  std::vector<Slot> slots_;
  std::size_t count_ = 0;
};

}  // namespace gopsy::pprof
