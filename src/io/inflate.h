#pragma once

#include <cstdint>
#include <string_view>

#include "base/error.h"
#include "io/bytes.h"

namespace gopsy::io {

enum class Codec : std::uint8_t { None, Gzip, Zstd, Lz4 };

/// What the first bytes say: Gzip by 1f 8b 08, Zstd by the magic of a frame or of a skippable frame, Lz4 by that of a
/// frame.
Codec sniff_codec(std::string_view bytes);

/// What came out of a compressed stream.
struct Inflated {
  Bytes bytes;
  Codec codec = Codec::None;
  std::uint64_t stored_bytes = 0;    ///< of the input that were used
  std::uint64_t trailing_bytes = 0;  ///< behind the last member: neither a member nor zero padding
  /// The stream is cut off or damaged (checksum included): `bytes` is what came out before that.
  bool truncated = false;
};

/// Inflates all members (gzip) or frames (zstd, lz4) of `bytes`, one behind the other as gunzip and unzstd do.
///
/// Shape   into memory, or into a file without a name (see Place): a core may be larger than the memory of this
/// machine. Errors  Truncated, Malformed: not one byte could be had. TooLarge: more than `limit` bytes come out; no
///         memory beyond the limit was touched. Unsupported: no codec is recognised, or a zstd window over
///         128 MiB. Offsets count compressed bytes.
/// Cost    gzip through libdeflate, sized by the trailer's ISIZE (a hint that may lie: deflate cannot exceed
///         1032:1); zlib streams where the hint is wrong, members follow one another, or the stream is torn.
Result<Inflated> inflate(std::string_view bytes, std::uint64_t limit, Place place = Place::Memory);

/// Raw deflate, as zip members have it; `expected` sizes the first attempt. `stored_bytes` tells where it ended.
Result<Inflated> inflate_raw(std::string_view bytes, std::uint64_t expected, std::uint64_t limit);

/// CRC-32 as gzip and zip use it.
std::uint32_t crc32(std::string_view bytes);

}  // namespace gopsy::io
