#include "decode/pprof/split.h"

#include <cstdint>

#include "base/wire.h"

namespace gopsy::decode {
namespace {

constexpr std::uint32_t kSampleType = 1;
constexpr std::uint32_t kString = 6;

constexpr std::uint32_t bit(std::uint32_t field) { return field < 32 ? 1U << field : 0; }

// drop_frames, keep_frames, time, duration, period type, period, default type, doc_url: a profile has each once.
constexpr std::uint32_t kOnce = bit(7) | bit(8) | bit(9) | bit(10) | bit(11) | bit(12) | bit(14) | bit(15);

}  // namespace

std::vector<std::string_view> split_profiles(std::string_view bytes) {
  std::vector<std::string_view> parts;
  std::size_t start = 0;
  std::uint32_t seen = 0;
  Wire wire(bytes);
  for (std::size_t at = 0; wire.next(); at = wire.offset()) {
    const std::uint32_t field = bit(wire.field());
    const bool twice = (field & kOnce & seen) != 0;
    if ((seen & bit(kString)) != 0 && (twice || field == bit(kSampleType))) {
      parts.push_back(bytes.substr(start, at - start));
      start = at;
      seen = 0;
    }
    seen |= field;
    wire.skip();
  }
  parts.push_back(bytes.substr(start));
  return parts;
}

}  // namespace gopsy::decode
