#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

namespace gopsy::decode::trace {

/// Dense rows for ids of the file, in order of first sight. Row 0 belongs to id 2^64 - 1, which means "none".
///
/// Cost    a multiply, a probe or two and two loads a look-up.
class IdTable {
 public:
  explicit IdTable(std::vector<std::uint64_t>& ids) : ids_(ids) {
    ids_.assign(1, ~std::uint64_t{0});
    rebuild(64);
  }

  /// The row of `id`; a new one if there was none.
  std::uint32_t row(std::uint64_t id) {
    std::size_t at = home(id);
    while (slots_[at] != kFree) {
      if (ids_[slots_[at]] == id) return slots_[at];
      at = (at + 1) & mask_;
    }
    return add(id, at);
  }

  [[nodiscard]] std::uint64_t id(std::uint32_t row) const { return ids_[row]; }
  [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(ids_.size()); }

  /// Forgets the ids of the rows that `dead` names; their rows are given to the next new ids.
  template <class Dead>
  void forget(Dead&& dead) {
    free_.clear();
    for (std::uint32_t row = size(); row-- > 1;)
      if (dead(row)) free_.push_back(row);
    used_ = ids_.size() - free_.size();
    std::vector<bool> is_free(ids_.size());
    for (const std::uint32_t row : free_) is_free[row] = true;
    std::size_t slots = 64;
    while (slots < used_ * 2 + 2) slots *= 2;
    slots_.assign(slots, kFree);
    mask_ = slots - 1;
    for (std::uint32_t row = 0; row < size(); ++row)
      if (!is_free[row]) place(row);
  }

 private:
  static constexpr std::uint32_t kFree = ~std::uint32_t{0};

  [[nodiscard]] std::size_t home(std::uint64_t id) const { return (id * 0x9E3779B97F4A7C15ULL >> 32) & mask_; }

  void place(std::uint32_t row) {
    std::size_t at = home(ids_[row]);
    while (slots_[at] != kFree) at = (at + 1) & mask_;
    slots_[at] = row;
  }

  std::uint32_t add(std::uint64_t id, std::size_t at) {
    std::uint32_t row = size();
    if (free_.empty()) {
      ids_.push_back(id);
    } else {
      row = free_.back();
      free_.pop_back();
      ids_[row] = id;
    }
    slots_[at] = row;
    if (++used_ * 2 > slots_.size()) grow();
    return row;
  }

  void grow() {
    std::vector<std::uint32_t> old = std::move(slots_);
    slots_.assign(old.size() * 2, kFree);
    mask_ = slots_.size() - 1;
    for (const std::uint32_t row : old)
      if (row != kFree) place(row);
  }

  void rebuild(std::size_t slots) {
    slots_.assign(slots, kFree);
    mask_ = slots - 1;
    used_ = ids_.size();
    for (std::uint32_t row = 0; row < size(); ++row) place(row);
  }

  std::vector<std::uint64_t>& ids_;
  std::vector<std::uint32_t> slots_;
  std::vector<std::uint32_t> free_;
  std::size_t mask_ = 0;
  std::size_t used_ = 0;
};

/// Rows for ids that a writer counts up from 1, as those of strings and stacks: an array, and a map for whatever does
/// not fit that.
class RowIndex {
 public:
  static constexpr std::uint32_t kMissing = ~std::uint32_t{0};

  /// kMissing if there is none.
  [[nodiscard]] std::uint32_t find(std::uint64_t id) const {
    if (id < dense_.size() && dense_[id] != kMissing) [[likely]]
      return dense_[id];
    if (sparse_.empty()) return kMissing;
    const auto found = sparse_.find(id);
    return found == sparse_.end() ? kMissing : found->second;
  }

  /// False if the id is taken.
  bool insert(std::uint64_t id, std::uint32_t row) {
    if (find(id) != kMissing) return false;
    // Memory stays in proportion to what the file holds, whatever ids it gives.
    if (id >= dense_.size() && id < 4096 + 4 * ++count_) dense_.resize(id + id / 4 + 64, kMissing);
    if (id < dense_.size()) {
      dense_[id] = row;
    } else {
      sparse_.emplace(id, row);
    }
    return true;
  }

  void clear() {
    dense_.clear();
    sparse_.clear();
    count_ = 0;
  }

 private:
  std::vector<std::uint32_t> dense_;
  std::unordered_map<std::uint64_t, std::uint32_t> sparse_;
  std::uint64_t count_ = 0;
};

}  // namespace gopsy::decode::trace
