#include "analyze/stack_tree.h"

#include <algorithm>
#include <span>
#include <utility>

namespace gopsy::analyze {
namespace {

constexpr std::size_t kFew = 8;

// The samples of a profile in the order of their stacks, compared from the root.
template <class Number>
class SortedStacks {
 public:
  struct Stack {
    const Number* root = nullptr;  // stands behind the root: level n is root[-1 - n]
    std::uint32_t depth = 0;
    std::uint32_t sample = 0;

    [[nodiscard]] std::uint32_t location(std::uint32_t level) const { return *(root - 1 - level); }
  };

  SortedStacks(const model::Profile& profile, std::span<const Number> locations) {
    stacks_.reserve(profile.sample_count());
    for (std::size_t i = 0; i < profile.sample_count(); ++i) {
      const std::uint64_t end = profile.stack_start[i + 1];
      stacks_.push_back({.root = locations.data() + end,
                         .depth = static_cast<std::uint32_t>(end - profile.stack_start[i]),
                         .sample = static_cast<std::uint32_t>(i)});
    }
    sort();
  }

  [[nodiscard]] const std::vector<Stack>& stacks() const { return stacks_; }

 private:
  // Stacks that are equal above `level` and still to be sorted below.
  struct Range {
    std::size_t begin;
    std::size_t end;
    std::uint32_t level;
  };

  // The location at that level plus one, or 0 behind the leaf: short stacks come before longer ones.
  static std::uint32_t key(const Stack& stack, std::uint32_t level) {
    return level < stack.depth ? stack.location(level) + 1 : 0;
  }

  // Multikey quicksort (Bentley and Sedgewick 1997): three parts by the location at one level, the middle one goes on
  // a level deeper. What nearly all stacks share costs one pass a level. The ranges to do are a list, because the
  // depth of a stack is input.
  void sort() {
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

  void partition(Range range) {
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

  void sort_few(Range range) {
    for (std::size_t i = range.begin + 1; i < range.end; ++i) {
      for (std::size_t j = i; j > range.begin && before(stacks_[j], stacks_[j - 1], range.level); --j)
        std::swap(stacks_[j], stacks_[j - 1]);
    }
  }

  static bool before(const Stack& a, const Stack& b, std::uint32_t level) {
    const std::uint32_t most = std::min(a.depth, b.depth);
    while (level < most && a.location(level) == b.location(level)) ++level;
    return key(a, level) < key(b, level);
  }

  std::vector<Stack> stacks_;
  std::vector<Range> ranges_;
  std::uint32_t random_ = 1;
};

template <class Number>
StackTree tree_of(const model::Profile& profile, std::span<const Number> locations) {
  StackTree tree;
  tree.stacks.resize(profile.sample_count());
  std::vector<std::uint32_t> path;  // the nodes of the stack before, root first
  const SortedStacks<Number> sorted(profile, locations);
  const typename SortedStacks<Number>::Stack* last = nullptr;
  for (const auto& stack : sorted.stacks()) {
    std::uint32_t shared = 0;
    if (last != nullptr) {
      const std::uint32_t most = std::min(stack.depth, last->depth);
      while (shared < most && stack.location(shared) == last->location(shared)) ++shared;
    }
    path.resize(shared);
    for (std::uint32_t level = shared; level < stack.depth; ++level) {
      tree.nodes.push_back({.parent = level == 0 ? 0 : path.back(), .location = stack.location(level)});
      path.push_back(static_cast<std::uint32_t>(tree.nodes.size() - 1));
    }
    tree.stacks[stack.sample] = path.empty() ? 0 : path.back();
    last = &stack;
  }
  return tree;
}

}  // namespace

StackTree stack_tree(const model::Profile& profile) {
  return profile.stack_locations.all().with_span([&](auto locations) { return tree_of(profile, locations); });
}

}  // namespace gopsy::analyze
