#pragma once

#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

namespace gopsy::binary {

/// Numbers of either byte order at offsets that a file names: nothing outside its bytes is touched.
class Reader {
 public:
  Reader() = default;
  Reader(std::string_view bytes, bool big_endian) : bytes_(bytes), big_endian_(big_endian) {}

  /// The unsigned number of sizeof(Number) bytes at `offset`; nothing if it is not all there.
  template <std::unsigned_integral Number>
  [[nodiscard]] std::optional<Number> get(std::uint64_t offset) const {
    if (offset > bytes_.size() || bytes_.size() - offset < sizeof(Number)) return std::nullopt;
    Number value = 0;
    std::memcpy(&value, bytes_.data() + offset, sizeof value);
    if (big_endian_ != (std::endian::native == std::endian::big)) value = swapped(value);
    return value;
  }

  /// A number of 4 or 8 bytes.
  [[nodiscard]] std::optional<std::uint64_t> word(std::uint64_t offset, unsigned size) const {
    if (size == 8) return get<std::uint64_t>(offset);
    const auto value = get<std::uint32_t>(offset);
    return value ? std::optional<std::uint64_t>(*value) : std::nullopt;
  }

  /// Up to the next zero byte; empty if it starts outside, or never ends.
  [[nodiscard]] std::string_view text(std::uint64_t offset) const {
    if (offset >= bytes_.size()) return {};
    const std::string_view rest = bytes_.substr(offset);
    const auto end = rest.find('\0');
    return end == std::string_view::npos ? std::string_view{} : rest.substr(0, end);
  }

  /// `size` bytes at `offset`, or as many as there are.
  [[nodiscard]] std::string_view slice(std::uint64_t offset, std::uint64_t size) const {
    return offset > bytes_.size() ? std::string_view{} : bytes_.substr(offset, size);
  }

  [[nodiscard]] std::string_view bytes() const { return bytes_; }
  [[nodiscard]] std::size_t size() const { return bytes_.size(); }
  [[nodiscard]] bool big_endian() const { return big_endian_; }

 private:
  template <class Number>
  static Number swapped(Number value) {
    if constexpr (sizeof(Number) == 1) {
      return value;
    } else if constexpr (sizeof(Number) == 2) {
      return __builtin_bswap16(value);
    } else if constexpr (sizeof(Number) == 4) {
      return __builtin_bswap32(value);
    } else {
      return __builtin_bswap64(value);
    }
  }

  std::string_view bytes_;
  bool big_endian_ = false;
};

}  // namespace gopsy::binary
