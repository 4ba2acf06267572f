#pragma once

#include <compare>
#include <concepts>
#include <cstddef>
#include <initializer_list>
#include <iterator>
#include <limits>
#include <ranges>
#include <span>
#include <utility>

#include "base/growing_array.h"

namespace gopsy {

/// Numbers of a NarrowColumn, one behind the other. As short-lived as a span.
template <class Narrow, class Wide>
class NarrowView {
 public:
  class Iterator;
  using value_type = Wide;
  using const_iterator = Iterator;

  NarrowView() = default;
  explicit NarrowView(std::span<const Narrow> numbers) : narrow_(numbers.data()), size_(numbers.size()) {}
  explicit NarrowView(std::span<const Wide> numbers) : wide_(numbers.data()), size_(numbers.size()) {}

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] Wide operator[](std::size_t i) const { return wide_ != nullptr ? wide_[i] : Wide{narrow_[i]}; }
  [[nodiscard]] Iterator begin() const { return {*this, 0}; }
  [[nodiscard]] Iterator end() const { return {*this, static_cast<std::ptrdiff_t>(size_)}; }
  [[nodiscard]] auto rbegin() const { return std::reverse_iterator(end()); }
  [[nodiscard]] auto rend() const { return std::reverse_iterator(begin()); }

  /// Calls `use(span)` with the numbers as they are stored: for loops that must not ask for each how wide it is.
  template <class Use>
  decltype(auto) with_span(Use&& use) const {
    return wide_ != nullptr ? use(std::span(wide_, size_)) : use(std::span(narrow_, size_));
  }

 private:
  const Narrow* narrow_ = nullptr;
  const Wide* wide_ = nullptr;
  std::size_t size_ = 0;
};

template <class Narrow, class Wide>
class NarrowView<Narrow, Wide>::Iterator {
 public:
  using value_type = Wide;
  using reference = Wide;
  using pointer = void;
  using difference_type = std::ptrdiff_t;
  using iterator_category = std::random_access_iterator_tag;

  Iterator() = default;
  Iterator(NarrowView view, std::ptrdiff_t at) : view_(view), at_(at) {}
  Wide operator*() const { return view_[static_cast<std::size_t>(at_)]; }
  Wide operator[](std::ptrdiff_t i) const { return view_[static_cast<std::size_t>(at_ + i)]; }
  Iterator& operator++() { return *this += 1; }
  Iterator& operator--() { return *this -= 1; }
  Iterator operator++(int) { return {view_, at_++}; }
  Iterator operator--(int) { return {view_, at_--}; }
  Iterator& operator+=(std::ptrdiff_t by) {
    at_ += by;
    return *this;
  }
  Iterator& operator-=(std::ptrdiff_t by) { return *this += -by; }
  friend Iterator operator+(Iterator it, std::ptrdiff_t by) { return it += by; }
  friend Iterator operator+(std::ptrdiff_t by, Iterator it) { return it += by; }
  friend Iterator operator-(Iterator it, std::ptrdiff_t by) { return it -= by; }
  friend std::ptrdiff_t operator-(const Iterator& a, const Iterator& b) { return a.at_ - b.at_; }
  friend bool operator==(const Iterator& a, const Iterator& b) { return a.at_ == b.at_; }
  friend auto operator<=>(const Iterator& a, const Iterator& b) { return a.at_ <=> b.at_; }

 private:
  NarrowView view_;
  std::ptrdiff_t at_ = 0;
};

/// A column of numbers that takes half the room as long as each fits into half the bits. The first that does not
/// makes all of them wide, for good.
template <class Narrow, class Wide>
class NarrowColumn {
  static constexpr Wide kMostNarrow = std::numeric_limits<Narrow>::max();

 public:
  using View = NarrowView<Narrow, Wide>;
  using value_type = Wide;
  using const_iterator = View::Iterator;

  NarrowColumn() = default;
  NarrowColumn(std::initializer_list<Wide> numbers) {
    for (const Wide number : numbers) push_back(number);
  }

  [[nodiscard]] std::size_t size() const { return is_wide_ ? wide_.size() : narrow_.size(); }
  [[nodiscard]] bool empty() const { return size() == 0; }
  [[nodiscard]] std::size_t capacity() const { return is_wide_ ? wide_.capacity() : narrow_.capacity(); }
  [[nodiscard]] Wide operator[](std::size_t i) const { return is_wide_ ? wide_.data()[i] : Wide{narrow_.data()[i]}; }
  [[nodiscard]] Wide back() const { return (*this)[size() - 1]; }
  [[nodiscard]] const_iterator begin() const { return all().begin(); }
  [[nodiscard]] const_iterator end() const { return all().end(); }

  /// REQUIRES: the column has that many numbers from there.
  [[nodiscard]] View view(std::size_t from, std::size_t count) const {
    if (is_wide_) return View(std::span<const Wide>(wide_.data() + from, count));
    return View(std::span<const Narrow>(narrow_.data() + from, count));
  }
  [[nodiscard]] View all() const { return view(0, size()); }

  void push_back(Wide number) {
    if (number > kMostNarrow && !is_wide_) [[unlikely]]
      widen();
    is_wide_ ? wide_.push_back(number) : narrow_.push_back(static_cast<Narrow>(number));
  }
  void set(std::size_t i, Wide number) {
    if (number > kMostNarrow && !is_wide_) [[unlikely]]
      widen();
    is_wide_ ? void(wide_.data()[i] = number) : void(narrow_.data()[i] = static_cast<Narrow>(number));
  }
  template <std::ranges::input_range Numbers>
  void append(Numbers&& numbers) {
    for (const Wide number : numbers) push_back(number);
  }
  /// Lets `fill(at)` write up to `most` numbers, none above `highest`, behind the last one; it yields their end.
  template <class Fill>
  void fill(std::size_t most, Wide highest, Fill&& fill) {
    if (highest > kMostNarrow && !is_wide_) widen();
    const auto write = [&](auto& numbers) {
      auto* const at = numbers.prepare(most);
      numbers.commit(static_cast<std::size_t>(fill(at) - at));
    };
    is_wide_ ? write(wide_) : write(narrow_);
  }

  /// REQUIRES: no more than there are.
  void shrink(std::size_t size) { is_wide_ ? wide_.shrink(size) : narrow_.shrink(size); }
  void reserve(std::size_t capacity) { is_wide_ ? wide_.reserve(capacity) : narrow_.reserve(capacity); }

 private:
  void widen() {
    wide_.reserve(narrow_.capacity());
    for (std::size_t i = 0; i < narrow_.size(); ++i) wide_.push_back(narrow_.data()[i]);
    narrow_ = {};
    is_wide_ = true;
  }

  GrowingArray<Narrow> narrow_;
  GrowingArray<Wide> wide_;
  bool is_wide_ = false;
};

}  // namespace gopsy
