#pragma once

#include <cstdint>

namespace gopsy::decode::trace {

/// The most bytes a varint of 64 bits takes. Writers pad some to it, so shorter encodings of a value are no rule.
constexpr std::size_t kMostVarintBytes = 10;

/// A varint of three bytes or more at `at`, not reading at or behind `end`. Null where it does not end before, or
/// exceeds 64 bits.
const std::uint8_t* long_varint(const std::uint8_t* at, const std::uint8_t* end, std::uint64_t& value);

/// Reads one unsigned LEB128 value and returns where it ends; null as above.
[[gnu::always_inline]] inline const std::uint8_t* read_varint(const std::uint8_t* at, const std::uint8_t* end,
                                                              std::uint64_t& value) {
  if (at < end && *at < 0x80) [[likely]] {
    value = *at;
    return at + 1;
  }
  if (end - at >= 2 && at[1] < 0x80) {
    value = (*at & 0x7Fu) | std::uint64_t{at[1]} << 7;
    return at + 2;
  }
  return long_varint(at, end, value);
}

}  // namespace gopsy::decode::trace
