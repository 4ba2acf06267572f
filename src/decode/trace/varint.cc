#include "decode/trace/varint.h"

namespace gopsy::decode::trace {

const std::uint8_t* long_varint(const std::uint8_t* at, const std::uint8_t* end, std::uint64_t& value) {
  std::uint64_t sum = 0;
  for (unsigned shift = 0; at < end && shift < 70; shift += 7) {
    const std::uint8_t byte = *at++;
    // The tenth byte holds the 64th bit only.
    if (shift == 63 && byte > 1) return nullptr;
    sum |= std::uint64_t{byte & 0x7Fu} << shift;
    if (byte < 0x80) {
      value = sum;
      return at;
    }
  }
  return nullptr;
}

}  // namespace gopsy::decode::trace
