#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include "base/growing_array.h"

namespace gopsy::analyze {

/// Finds rows of a table that lives elsewhere by a hash of them.
///
/// Cost    8 bytes a slot, two thirds of the slots in use at most; a row is looked at only where 32 bits of its hash
///         agree. In a big table a look-up is one cache miss: who has many to do can `prefetch` the next ones.
class MergeIndex {
 public:
  MergeIndex() { clear(); }

  /// The row with that hash for which `same(row)` holds.
  template <class Same>
  [[nodiscard]] std::optional<std::uint32_t> find(std::uint64_t hash, Same&& same) const {
    const Slot& slot = slots_.data()[slot_of(mark(hash), same)];
    return slot.row == 0 ? std::nullopt : std::optional(slot.row - 1);
  }

  /// The row with that hash for which `same(row)` holds; else `next`, which is remembered.
  template <class Same>
  std::uint32_t find_or_add(std::uint64_t hash, std::uint32_t next, Same&& same) {
    Slot& slot = slots_.data()[slot_of(mark(hash), same)];
    if (slot.row != 0) return slot.row - 1;
    slot = {.mark = mark(hash), .row = next + 1};
    if (++count_ * 3 > slots_.size() * 2) grow();
    return next;
  }

  void prefetch(std::uint64_t hash) const { __builtin_prefetch(slots_.data() + home(mark(hash))); }

  /// What `find` looks at first, if anything is there; else 0.
  [[nodiscard]] std::uint32_t likely_row(std::uint64_t hash) const {
    const std::uint32_t row = slots_.data()[home(mark(hash))].row;
    return row == 0 ? 0 : row - 1;
  }

  void clear() {
    slots_ = empty(kFirstSlots);
    count_ = 0;
  }

 private:
  struct Slot {
    std::uint32_t mark = 0;
    std::uint32_t row = 0;  // + 1; 0 = free
  };
  using Slots = GrowingArray<Slot>;
  static constexpr std::size_t kFirstSlots = 1024;

  static std::uint32_t mark(std::uint64_t hash) { return static_cast<std::uint32_t>(hash >> 32); }
  static Slots empty(std::size_t count) {
    Slots slots;
    std::fill_n(slots.prepare(count), count, Slot{});
    slots.commit(count);
    return slots;
  }

  // The upper bits of the mark choose the slot, so that the table may have any size.
  [[nodiscard]] std::size_t home(std::uint32_t mark) const { return std::uint64_t{mark} * slots_.size() >> 32; }
  [[nodiscard]] std::size_t behind(std::size_t at) const { return at + 1 == slots_.size() ? 0 : at + 1; }

  // Of the row, or the free one where it belongs.
  template <class Same>
  [[nodiscard]] std::size_t slot_of(std::uint32_t mark, Same&& same) const {
    const Slot* const slots = slots_.data();
    std::size_t at = home(mark);
    while (slots[at].row != 0 && (slots[at].mark != mark || !same(slots[at].row - 1))) at = behind(at);
    return at;
  }

  void grow() {
    const Slots old = std::exchange(slots_, empty(slots_.size() + slots_.size() / 2));
    for (std::size_t i = 0; i < old.size(); ++i) {
      const Slot& slot = old.data()[i];
      if (slot.row != 0) slots_.data()[slot_of(slot.mark, [](std::uint32_t) { return false; })] = slot;
    }
  }

  Slots slots_;
  std::size_t count_ = 0;
};

}  // namespace gopsy::analyze
