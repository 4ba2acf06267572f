#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include "base/error.h"

namespace gopsy::io {

/// A block of bytes with one owner: a mapped file or memory. Empty by default; a move leaves it empty.
class Bytes {
 public:
  Bytes() = default;
  Bytes(Bytes&& other) noexcept { swap(other); }
  Bytes& operator=(Bytes&& other) noexcept {
    Bytes taken;
    taken.swap(other);
    taken.swap(*this);
    return *this;
  }
  ~Bytes();

  /// Takes over a mapping made by mmap, or memory made by malloc.
  static Bytes mapped(char* at, std::size_t size) { return {at, size, Owner::Mapping}; }
  static Bytes allocated(char* at, std::size_t size) { return {at, size, Owner::Memory}; }

  [[nodiscard]] std::string_view view() const { return {at_, size_}; }
  [[nodiscard]] std::size_t size() const { return size_; }

  /// Gives the memory of a mapped file back until somebody looks at it again. Memory of its own stays.
  void drop_pages() const;
  /// The same for the whole pages of a part of it.
  void drop_pages(std::string_view part) const;

 private:
  enum class Owner : std::uint8_t { Nobody, Mapping, Memory };

  Bytes(char* at, std::size_t size, Owner owner) : at_(at), size_(size), owner_(owner) {}
  void swap(Bytes& other) noexcept {
    std::swap(at_, other.at_);
    std::swap(size_, other.size_);
    std::swap(owner_, other.owner_);
  }

  char* at_ = nullptr;
  std::size_t size_ = 0;
  Owner owner_ = Owner::Nobody;
};

/// Where inflated bytes go. A temporary file has no name, stands in $TMPDIR or /var/tmp, and is mapped: the kernel
/// moves its pages out where memory is short.
enum class Place : std::uint8_t { Memory, TemporaryFile };

/// Memory that grows to hold what a stream turns out to be, never beyond a limit.
///
/// Shape   `prepare(n)` makes room at `end()`, `commit(k)` says that k bytes are there now.
/// Errors  TooLarge, `a` = the limit: one byte more than the limit was seen, and no more were allocated, so a
///         content of exactly the limit passes. Io with ENOMEM; with ENOSPC and others of a file.
/// Cost    doubles; realloc moves pages of large blocks instead of copying them.
class Buffer {
 public:
  explicit Buffer(std::uint64_t limit, Place place = Place::Memory) : limit_(limit), place_(place) {}
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  ~Buffer();

  /// Makes room for at least one byte and, as far as the limit allows, for `wanted`.
  Result<void> prepare(std::size_t wanted);
  [[nodiscard]] char* end() { return at_ + size_; }
  [[nodiscard]] std::size_t room() const { return capacity_ - size_; }
  void commit(std::size_t written) { size_ += written; }
  [[nodiscard]] std::size_t size() const { return size_; }

  /// Hands the content on, without the unused rest of the block.
  Result<Bytes> take();

 private:
  char* at_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
  std::uint64_t limit_;
  Place place_;
  int file_ = -1;

  [[nodiscard]] Error too_large() const;
  Result<void> grow_file(std::size_t capacity);
};

}  // namespace gopsy::io
