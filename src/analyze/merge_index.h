#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace gopsy::analyze {

/// Finds rows of a table that lives elsewhere by a hash of them.
///
/// Cost    12 bytes a slot at half load or less; a row is looked at only where 32 bits of its hash agree.
class MergeIndex {
 public:
  MergeIndex() : slots_(kFirstSlots) {}

  /// The row with that hash for which `same(row)` holds; else `next`, which is remembered.
  template <class Same>
  std::uint32_t find_or_add(std::uint64_t hash, std::uint32_t next, Same&& same) {
    if ((count_ + 1) * 2 > slots_.size()) grow();
    const auto mark = static_cast<std::uint32_t>(hash >> 32);
    std::size_t at = hash & (slots_.size() - 1);
    for (; slots_[at].row != 0; at = (at + 1) & (slots_.size() - 1))
      if (slots_[at].mark == mark && same(slots_[at].row - 1)) return slots_[at].row - 1;
    slots_[at] = {.mark = mark, .row = next + 1, .home = static_cast<std::uint32_t>(hash)};
    ++count_;
    return next;
  }

  void clear() {
    slots_.assign(kFirstSlots, {});
    count_ = 0;
  }

 private:
  struct Slot {
    std::uint32_t mark = 0;
    std::uint32_t row = 0;  // + 1; 0 = free
    std::uint32_t home = 0;
  };
  static constexpr std::size_t kFirstSlots = 1024;

  void grow() {
    std::vector<Slot> old(slots_.size() * 2);
    old.swap(slots_);
    for (const Slot& slot : old) {
      if (slot.row == 0) continue;
      std::size_t at = slot.home & (slots_.size() - 1);
      while (slots_[at].row != 0) at = (at + 1) & (slots_.size() - 1);
      slots_[at] = slot;
    }
  }

  std::vector<Slot> slots_;
  std::size_t count_ = 0;
};

}  // namespace gopsy::analyze
