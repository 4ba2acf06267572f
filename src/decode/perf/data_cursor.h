#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>

namespace gopsy::decode {

/// Reads numbers of either byte order. Past the end everything is 0 and `failed` says so.
class PerfCursor {
 public:
  PerfCursor(std::string_view bytes, bool big_endian) : bytes_(bytes), big_endian_(big_endian) {}

  std::uint64_t u64() { return number(8); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(number(4)); }
  std::uint16_t u16() { return static_cast<std::uint16_t>(number(2)); }

  /// The next `size` bytes, or nothing and `failed`.
  std::string_view take(std::uint64_t size) {
    if (size > bytes_.size()) {
      failed_ = true;
      return bytes_ = {};
    }
    const std::string_view taken = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return taken;
  }
  /// What stands before the next NUL, or everything.
  [[nodiscard]] std::string_view text() const { return bytes_.substr(0, std::min(bytes_.size(), bytes_.find('\0'))); }
  [[nodiscard]] std::uint64_t left() const { return bytes_.size(); }
  [[nodiscard]] bool failed() const { return failed_; }
  [[nodiscard]] bool big_endian() const { return big_endian_; }

 private:
  std::uint64_t number(std::size_t size) {
    const std::string_view bytes = take(size);
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i)
      value = value << 8 | static_cast<unsigned char>(bytes[big_endian_ ? i : bytes.size() - 1 - i]);
    return value;
  }

  std::string_view bytes_;
  bool big_endian_;
  bool failed_ = false;
};

}  // namespace gopsy::decode
