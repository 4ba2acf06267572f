#include "decode/pprof/stack_batch.h"

#include <algorithm>
#include <utility>

namespace gopsy::decode {
namespace {

constexpr std::size_t kFew = 8;

}  // namespace

void StackBatch::add(const std::vector<std::uint32_t>& leaf_first) {
  stacks_.push_back({.first = static_cast<std::uint32_t>(locations_.size()),
                     .depth = static_cast<std::uint32_t>(leaf_first.size()),
                     .sample = static_cast<std::uint32_t>(profile_.stacks.size())});
  locations_.insert(locations_.end(), leaf_first.rbegin(), leaf_first.rend());
  profile_.stacks.push_back(0);
}

void StackBatch::flush() {
  sort();
  model::Profile::Tree& tree = profile_.tree;
  const bool fresh = tree.nodes.size() == 1;
  std::vector<std::uint32_t> path;  // the nodes of the stack before, root first
  const Stack* last = nullptr;
  for (const Stack& stack : stacks_) {
    std::uint32_t shared = 0;
    if (last != nullptr) {
      const std::uint32_t most = std::min(stack.depth, last->depth);
      while (shared < most && locations_[stack.first + shared] == locations_[last->first + shared]) ++shared;
    }
    path.resize(shared);
    std::uint32_t node = shared == 0 ? 0 : path.back();
    for (std::uint32_t level = shared; level < stack.depth; ++level) {
      const std::uint32_t location = locations_[stack.first + level];
      node = fresh ? tree.append(node, location) : tree.push(node, location);
      path.push_back(node);
    }
    profile_.stacks[stack.sample] = node;
    last = &stack;
  }
  stacks_.clear();
  locations_.clear();
}

// Multikey quicksort (Bentley and Sedgewick 1997): three parts by the location at one level, the middle one goes on
// a level deeper. What nearly all stacks share costs one pass a level. The ranges to do are a list, because the
// depth of a stack is input.
void StackBatch::sort() {
  ranges_.assign(1, {.begin = 0, .end = stacks_.size(), .level = 0});
  while (!ranges_.empty()) {
    const Range range = ranges_.back();
    ranges_.pop_back();
    if (range.end - range.begin <= kFew) {
      sort_few(range);
    } else {
      partition(range);
    }
  }
}

void StackBatch::partition(Range range) {
  // A pivot drawn by chance: no order of the input makes this quadratic except one made for this generator.
  random_ = random_ * 1664525 + 1013904223;
  const std::size_t drawn = range.begin + (std::uint64_t{random_} * (range.end - range.begin) >> 32);
  const std::uint32_t pivot = key(stacks_[drawn], range.level);
  std::size_t less = range.begin;
  std::size_t greater = range.end;
  for (std::size_t at = range.begin; at < greater;) {
    const std::uint32_t here = key(stacks_[at], range.level);
    if (here == pivot) {
      ++at;
    } else if (here < pivot) {
      std::swap(stacks_[less++], stacks_[at++]);
    } else {
      std::swap(stacks_[at], stacks_[--greater]);
    }
  }
  ranges_.push_back({.begin = range.begin, .end = less, .level = range.level});
  ranges_.push_back({.begin = greater, .end = range.end, .level = range.level});
  if (pivot != 0) ranges_.push_back({.begin = less, .end = greater, .level = range.level + 1});
}

void StackBatch::sort_few(Range range) {
  for (std::size_t i = range.begin + 1; i < range.end; ++i) {
    for (std::size_t j = i; j > range.begin && before(stacks_[j], stacks_[j - 1], range.level); --j)
      std::swap(stacks_[j], stacks_[j - 1]);
  }
}

bool StackBatch::before(const Stack& a, const Stack& b, std::uint32_t level) const {
  const std::uint32_t most = std::min(a.depth, b.depth);
  while (level < most && locations_[a.first + level] == locations_[b.first + level]) ++level;
  return key(a, level) < key(b, level);
}

}  // namespace gopsy::decode
