#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/error.h"

namespace gopsy {

/// A cursor over protobuf wire format. Sticky: after the first failure every read returns 0 or empty,
/// so a message is read straight through and `status()` asked once.
///
/// Shape   `while (wire.next()) switch (wire.field()) { case 1: x = wire.varint(); … default: wire.skip(); }`
/// Errors  Truncated or Malformed, with the byte offset from the start of the outermost message.
/// Cost    one byte compare for one-byte varints; no allocation.
/// Source  protobuf.dev/programming-guides/encoding: varint, I64, LEN, I32; groups (3, 4) are refused.
class Wire {
 public:
  enum Type : std::uint8_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

  explicit Wire(std::string_view bytes, std::uint64_t offset = 0)
      : at_(bytes.data()), end_(bytes.data() + bytes.size()), start_(bytes.data()), base_(offset) {}

  /// Moves to the next field; false at the end of the message or after a failure.
  bool next();

  [[nodiscard]] std::uint32_t field() const { return field_; }
  [[nodiscard]] Type type() const { return type_; }
  [[nodiscard]] bool done() const { return at_ == end_; }
  /// Bytes left.
  [[nodiscard]] std::size_t size() const { return static_cast<std::size_t>(end_ - at_); }
  [[nodiscard]] std::uint64_t offset() const { return base_ + static_cast<std::uint64_t>(at_ - start_); }

  /// The value of a varint field. A field of another type is a failure: Malformed.
  std::uint64_t varint();
  std::int64_t varint_signed() { return static_cast<std::int64_t>(varint()); }
  /// The value of a field of eight bytes.
  std::uint64_t fixed64();
  /// The content of a length-delimited field.
  std::string_view bytes();
  /// A nested message, its offsets counted from the same start as ours.
  Wire message();
  /// Calls `each(value)` for a repeated varint, packed or not: writers may choose, readers must take both.
  template <class Each>
  void varints(Each&& each);
  void skip();

  /// The next raw varint, without a tag before it: the inside of a packed field.
  [[gnu::always_inline]] std::uint64_t raw_varint() {
    if (at_ < end_ && static_cast<unsigned char>(*at_) < 0x80) [[likely]]
      return static_cast<unsigned char>(*at_++);
    // Two bytes are what the ids of locations take: half of all varints of a profile.
    if (end_ - at_ >= 2 && static_cast<unsigned char>(at_[1]) < 0x80) {
      const unsigned low = static_cast<unsigned char>(at_[0]) & 0x7Fu;
      const unsigned high = static_cast<unsigned char>(at_[1]);
      at_ += 2;
      return low | high << 7;
    }
    // … and three where there are more than 16,384 of them.
    if (end_ - at_ >= 3 && static_cast<unsigned char>(at_[2]) < 0x80) {
      const unsigned low = static_cast<unsigned char>(at_[0]) & 0x7Fu;
      const unsigned middle = static_cast<unsigned char>(at_[1]) & 0x7Fu;
      const unsigned high = static_cast<unsigned char>(at_[2]);
      at_ += 3;
      return low | middle << 7 | high << 14;
    }
    return long_varint();
  }

  /// Calls `each(value)` for all raw varints that are left: the inside of a packed field. Stops at the first failure.
  ///
  /// Cost    two numbers a step without a branch on their lengths, which nothing foresees: half the time of raw_varint.
  template <class Each>
  [[gnu::always_inline]] void raw_varints(Each&& each) {
    constexpr std::uint64_t kContinues = 0x8080'8080'8080'8080;
    while (end_ - at_ >= 8) {
      const std::uint64_t word = little_endian(at_);
      const std::uint64_t ends = ~word & kContinues;
      const std::uint64_t more = ends & (ends - 1);
      const auto first = static_cast<unsigned>(std::countr_zero(ends)) + 1;
      const auto both = static_cast<unsigned>(std::countr_zero(more)) + 1;
      // Up to 28 bits each.
      if (first <= 32 && both - first <= 32) [[likely]] {
        at_ += both / 8;
        each(seven_bits(word & (ends ^ (ends - 1))));
        each(seven_bits((word & (more ^ (more - 1))) >> first));
        continue;
      }
      const std::uint64_t value = raw_varint();
      if (failed_) return;
      each(value);
    }
    while (!done()) {
      const std::uint64_t value = raw_varint();
      if (failed_) return;
      each(value);
    }
  }

  /// Ends the reading here. The first failure stays.
  void fail(Errc code, const char* what, std::uint64_t a = 0, std::uint64_t b = 0);
  void fail(const Error& error);
  [[nodiscard]] bool failed() const { return failed_; }
  [[nodiscard]] Result<void> status() const {
    if (failed_) return std::unexpected(error_);
    return {};
  }

 private:
  std::uint64_t long_varint();
  static std::uint64_t little_endian(const char* at) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, sizeof word);
    return std::endian::native == std::endian::little ? word : __builtin_bswap64(word);
  }
  // Joins the sevens of four bytes.
  static std::uint64_t seven_bits(std::uint64_t word) {
    return (word & 0x7F) | (word >> 1 & 0x3F80) | (word >> 2 & 0x1F'C000) | (word >> 3 & 0xFE0'0000);
  }

  const char* at_;
  const char* end_;
  const char* start_;
  std::uint64_t base_;
  std::uint32_t field_ = 0;
  Type type_ = kVarint;
  bool failed_ = false;
  Error error_{};
};

template <class Each>
void Wire::varints(Each&& each) {
  if (type_ == kVarint) {
    const std::uint64_t value = varint();
    if (!failed_) each(value);
    return;
  }
  Wire packed = message();
  packed.raw_varints(each);
  if (!packed.failed()) return;
  // The field is there as a whole, so a number that does not fit into it is no cut.
  packed.error_.code = Errc::Malformed;
  fail(packed.error_);
}

}  // namespace gopsy
