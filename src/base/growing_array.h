#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <new>
#include <type_traits>
#include <utility>

#include "base/pages.h"

namespace gopsy {

/// A vector of plain numbers for columns of a hundred megabytes.
///
/// Cost    grows by half, through realloc: the kernel moves the pages of a large block, where std::vector would hold
///         and fill a second one. What is not written is never taken.
template <class T>
class GrowingArray {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  GrowingArray() = default;
  GrowingArray(const GrowingArray& other) { append(other.data_, other.size_); }
  GrowingArray(GrowingArray&& other) noexcept { swap(other); }
  GrowingArray& operator=(GrowingArray other) noexcept {
    swap(other);
    return *this;
  }
  ~GrowingArray() { std::free(data_); }

  [[nodiscard]] const T* data() const { return data_; }
  [[nodiscard]] T* data() { return data_; }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::size_t capacity() const { return capacity_; }

  void push_back(T value) {
    if (size_ == capacity_) [[unlikely]]
      grow(1);
    data_[size_++] = value;
  }
  void append(const T* from, std::size_t count) {
    if (count == 0) return;
    std::memcpy(prepare(count), from, count * sizeof(T));
    size_ += count;
  }
  /// The end, with room for so many; `commit` says how many of them are there now.
  T* prepare(std::size_t count) {
    if (capacity_ - size_ < count) grow(count);
    return data_ + size_;
  }
  void commit(std::size_t count) { size_ += count; }
  /// REQUIRES: no more than there are.
  void shrink(std::size_t size) { size_ = size; }

  void reserve(std::size_t capacity) {
    if (capacity <= capacity_) return;
    auto* const grown = static_cast<T*>(std::realloc(data_, capacity * sizeof(T)));
    if (grown == nullptr) throw std::bad_alloc();
    data_ = grown;
    capacity_ = capacity;
    prefer_huge_pages(data_, capacity_ * sizeof(T));
  }

 private:
  void grow(std::size_t count) { reserve(std::max(size_ + count, capacity_ + capacity_ / 2 + 16)); }
  void swap(GrowingArray& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
  }

  T* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace gopsy
