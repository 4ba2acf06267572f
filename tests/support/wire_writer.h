#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gopsy::test {

/// Writes protobuf wire format: the counterpart of base/wire.h for tests and benchmarks.
class WireWriter {
 public:
  WireWriter& varint(std::uint32_t field, std::uint64_t value) {
    raw(std::uint64_t{field} << 3);
    raw(value);
    return *this;
  }
  WireWriter& bytes(std::uint32_t field, std::string_view content) {
    raw(std::uint64_t{field} << 3 | 2);
    raw(content.size());
    out_ += content;
    return *this;
  }
  WireWriter& message(std::uint32_t field, const WireWriter& inside) { return bytes(field, inside.out_); }
  template <class Number>
  WireWriter& packed(std::uint32_t field, const std::vector<Number>& values) {
    WireWriter inside;
    for (const Number value : values) inside.raw(static_cast<std::uint64_t>(value));
    return message(field, inside);
  }
  void raw(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) out_ += static_cast<char>(value | 0x80);
    out_ += static_cast<char>(value);
  }

  [[nodiscard]] const std::string& str() const { return out_; }

 private:
  std::string out_;
};

}  // namespace gopsy::test
