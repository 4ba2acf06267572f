#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace gopsy {

/// Sorts as Go's slices.SortFunc does: unstable, but always in the same way, so that equal elements come out in the
/// order that Go's tools print them in.
///
/// Source  Orson Peters, Pattern-defeating Quicksort (arXiv 2106.05123), with the choices of Go's slices package:
///         insertion sort up to 12, Tukey's ninther from 50, heapsort after lg n bad splits, xorshift for patterns.
/// Cost    n lg n at worst, n where the input is sorted either way.
template <class T, class Less>
class GoSorter {
 public:
  GoSorter(std::vector<T>& data, Less less) : data_(data), less_(std::move(less)) {}

  void sort() { quick(0, data_.size(), static_cast<int>(std::bit_width(data_.size()))); }

 private:
  enum class Hint : std::uint8_t { Unknown, Increasing, Decreasing };
  static constexpr std::size_t kInsertion = 12;

  bool less(std::size_t a, std::size_t b) { return less_(data_[a], data_[b]); }
  void swap(std::size_t a, std::size_t b) { std::swap(data_[a], data_[b]); }

  void insertion(std::size_t from, std::size_t to) {
    for (std::size_t i = from + 1; i < to; ++i)
      for (std::size_t j = i; j > from && less(j, j - 1); --j) swap(j, j - 1);
  }

  void sift_down(std::size_t low, std::size_t high, std::size_t first) {
    std::size_t root = low;
    for (;;) {
      std::size_t child = 2 * root + 1;
      if (child >= high) return;
      if (child + 1 < high && less(first + child, first + child + 1)) ++child;
      if (!less(first + root, first + child)) return;
      swap(first + root, first + child);
      root = child;
    }
  }

  void heap(std::size_t from, std::size_t to) {
    const std::size_t count = to - from;
    for (std::size_t i = (count - 1) / 2 + 1; i-- > 0;) sift_down(i, count, from);
    for (std::size_t i = count; i-- > 0;) {
      swap(from, from + i);
      sift_down(0, i, from);
    }
  }

  void quick(std::size_t from, std::size_t to, int limit) {
    bool balanced = true;
    bool partitioned = true;
    for (;;) {
      const std::size_t count = to - from;
      if (count <= kInsertion) return insertion(from, to);
      if (limit == 0) return heap(from, to);
      if (!balanced) {
        break_patterns(from, to);
        --limit;
      }
      auto [pivot, hint] = choose_pivot(from, to);
      if (hint == Hint::Decreasing) {
        for (std::size_t i = from, j = to - 1; i < j; ++i, --j) swap(i, j);
        pivot = (to - 1) - (pivot - from);
        hint = Hint::Increasing;
      }
      if (balanced && partitioned && hint == Hint::Increasing && partial_insertion(from, to)) return;
      // Many equal to the element before this range: they need no sorting among themselves.
      if (from > 0 && !less(from - 1, pivot)) {
        from = partition_equal(from, to, pivot);
        continue;
      }
      const auto [middle, was_partitioned] = partition(from, to, pivot);
      partitioned = was_partitioned;
      const std::size_t left = middle - from;
      const std::size_t right = to - middle;
      const std::size_t threshold = count / 8;
      // The shorter side goes first, so the depth stays below lg n.
      if (left < right) {
        balanced = left >= threshold;
        quick(from, middle, limit);
        from = middle + 1;
      } else {
        balanced = right >= threshold;
        quick(middle + 1, to, limit);
        to = middle;
      }
    }
  }

  std::pair<std::size_t, bool> partition(std::size_t from, std::size_t to, std::size_t pivot) {
    swap(from, pivot);
    std::size_t i = from + 1;
    std::size_t j = to - 1;
    while (i <= j && less(i, from)) ++i;
    while (i <= j && !less(j, from)) --j;
    if (i > j) {
      swap(j, from);
      return {j, true};
    }
    swap(i++, j--);
    for (;;) {
      while (i <= j && less(i, from)) ++i;
      while (i <= j && !less(j, from)) --j;
      if (i > j) break;
      swap(i++, j--);
    }
    swap(j, from);
    return {j, false};
  }

  std::size_t partition_equal(std::size_t from, std::size_t to, std::size_t pivot) {
    swap(from, pivot);
    std::size_t i = from + 1;
    std::size_t j = to - 1;
    for (;;) {
      while (i <= j && !less(from, i)) ++i;
      while (i <= j && less(from, j)) --j;
      if (i > j) return i;
      swap(i++, j--);
    }
  }

  bool partial_insertion(std::size_t from, std::size_t to) {
    constexpr int kSteps = 5;
    constexpr std::size_t kShortest = 50;
    std::size_t i = from + 1;
    for (int step = 0; step < kSteps; ++step) {
      while (i < to && !less(i, i - 1)) ++i;
      if (i == to) return true;
      if (to - from < kShortest) return false;
      swap(i, i - 1);
      if (i - from >= 2)
        for (std::size_t j = i - 1; j >= 1 && less(j, j - 1); --j) swap(j, j - 1);
      if (to - i >= 2)
        for (std::size_t j = i + 1; j < to && less(j, j - 1); ++j) swap(j, j - 1);
    }
    return false;
  }

  void break_patterns(std::size_t from, std::size_t to) {
    const std::size_t count = to - from;
    if (count < 8) return;
    std::uint64_t random = count;
    const std::uint64_t modulus = std::uint64_t{1} << std::bit_width(count);
    const std::size_t index = from + count / 4 * 2 - 1;
    for (std::size_t i = 0; i < 3; ++i) {
      random ^= random << 13;
      random ^= random >> 7;
      random ^= random << 17;
      std::size_t other = random & (modulus - 1);
      if (other >= count) other -= count;
      swap(index + i, from + other);
    }
  }

  std::pair<std::size_t, Hint> choose_pivot(std::size_t from, std::size_t to) {
    constexpr std::size_t kNinther = 50;
    constexpr int kMostSwaps = 4 * 3;
    const std::size_t count = to - from;
    int swaps = 0;
    std::size_t i = from + count / 4 * 1;
    std::size_t j = from + count / 4 * 2;
    std::size_t k = from + count / 4 * 3;
    if (count >= 8) {
      if (count >= kNinther) {
        i = median(i - 1, i, i + 1, swaps);
        j = median(j - 1, j, j + 1, swaps);
        k = median(k - 1, k, k + 1, swaps);
      }
      j = median(i, j, k, swaps);
    }
    if (swaps == 0) return {j, Hint::Increasing};
    if (swaps == kMostSwaps) return {j, Hint::Decreasing};
    return {j, Hint::Unknown};
  }

  std::size_t median(std::size_t a, std::size_t b, std::size_t c, int& swaps) {
    const auto order = [&](std::size_t& x, std::size_t& y) {
      if (less(y, x)) {
        ++swaps;
        std::swap(x, y);
      }
    };
    order(a, b);
    order(b, c);
    order(a, b);
    return b;
  }

  std::vector<T>& data_;
  Less less_;
};

template <class T, class Less>
void go_sort(std::vector<T>& data, Less less) {
  GoSorter<T, Less>(data, std::move(less)).sort();
}

}  // namespace gopsy
