#pragma once

#include <cstdint>
#include <vector>

#include "model/profile.h"

namespace gopsy::decode {

/// Interns the stacks of many samples into the profile's tree at once.
///
/// The obvious way, a hash look-up per frame, is a cache and TLB miss per frame as soon as stacks differ: 0.5 s for
/// 100,000 stacks of 50 frames with 2.5 million distinct nodes. Sorted from their roots, stacks share what they have
/// in common with their neighbour, and all else is new: nodes are appended in order, without any table.
///
/// Shape   `add` stacks leaf first; `flush` when full and at the end.
/// Yields  `profile.stacks`, in the order of the calls to `add`. The nodes of the first flush are numbered in
///         pre-order, children by location.
/// Cost    4 bytes a frame until the flush; each frame is looked at once by the sort and once by the walk.
class StackBatch {
 public:
  explicit StackBatch(model::Profile& profile) : profile_(profile) {}

  void add(const std::vector<std::uint32_t>& leaf_first);
  [[nodiscard]] bool full() const { return locations_.size() >= kMostLocations; }
  [[nodiscard]] std::size_t locations() const { return locations_.size(); }
  void flush();

 private:
  static constexpr std::size_t kMostLocations = std::size_t{1} << 26;

  struct Stack {
    std::uint32_t first;  // in locations_
    std::uint32_t depth;
    std::uint32_t sample;  // in profile_.stacks
  };
  // Stacks that are equal above `level` and still to be sorted below.
  struct Range {
    std::size_t begin;
    std::size_t end;
    std::uint32_t level;
  };

  // The location at that level plus one, or 0 behind the leaf: short stacks come before longer ones.
  [[nodiscard]] std::uint32_t key(const Stack& stack, std::uint32_t level) const {
    return level < stack.depth ? locations_[stack.first + level] + 1 : 0;
  }
  void sort();
  void partition(Range range);
  void sort_few(Range range);
  [[nodiscard]] bool before(const Stack& a, const Stack& b, std::uint32_t level) const;

  model::Profile& profile_;
  std::vector<Stack> stacks_;
  std::vector<std::uint32_t> locations_;  // root first
  std::vector<Range> ranges_;
  std::uint32_t random_ = 1;
};

}  // namespace gopsy::decode
