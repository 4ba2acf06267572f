#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace gopsy {

/// Writes protobuf wire format behind what `out` holds already: the counterpart of Wire.
///
/// Shape   a nested message is written into a string of its own and then added with `bytes`.
/// Cost    one append a number; writers with millions of numbers keep a table of encoded ones (pprof_writer.cc).
class WireOut {
 public:
  explicit WireOut(std::string& out) : out_(out) {}

  void raw(std::uint64_t value) {
    char text[10];
    out_.append(text, static_cast<std::size_t>(put(text, value) - text));
  }
  void varint(std::uint32_t field, std::uint64_t value) {
    raw(std::uint64_t{field} << 3);
    raw(value);
  }
  void varint(std::uint32_t field, std::int64_t value) { varint(field, static_cast<std::uint64_t>(value)); }
  /// Leaves out what a reader takes for granted.
  template <class Number>
  void optional(std::uint32_t field, Number value) {
    if (value != 0) varint(field, static_cast<std::uint64_t>(value));
  }
  void fixed64(std::uint32_t field, std::uint64_t value) {
    raw(std::uint64_t{field} << 3 | 1);
    for (unsigned shift = 0; shift < 64; shift += 8) out_ += static_cast<char>(value >> shift);
  }
  void bytes(std::uint32_t field, std::string_view content) {
    raw(std::uint64_t{field} << 3 | 2);
    raw(content.size());
    out_ += content;
  }
  template <class Numbers>
  void packed(std::uint32_t field, const Numbers& numbers) {
    std::string inside;
    for (const auto number : numbers) WireOut(inside).raw(static_cast<std::uint64_t>(number));
    bytes(field, inside);
  }

  /// Writes a varint at `at`, which has room for ten bytes, and yields its end.
  static char* put(char* at, std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) *at++ = static_cast<char>(value | 0x80);
    *at++ = static_cast<char>(value);
    return at;
  }

 private:
  std::string& out_;
};

}  // namespace gopsy
