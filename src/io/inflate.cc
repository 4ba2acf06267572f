#include "io/inflate.h"

#include <libdeflate.h>
#include <lz4frame.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include <algorithm>
#include <cstring>
#include <memory>

namespace gopsy::io {
namespace {

constexpr std::string_view kGzipMagic("\x1f\x8b\x08", 3);
constexpr std::string_view kZstdMagic("\x28\xb5\x2f\xfd", 4);
constexpr std::string_view kLz4Magic("\x04\x22\x4d\x18", 4);
constexpr std::string_view kZstdSkippable("\x2a\x4d\x18", 3);  // behind one byte 0x50 .. 0x5f

// A deflate stream spends at least one bit on 129 bytes (RFC 1951: matches of 258 from a two-bit pair).
constexpr std::uint64_t kMostInflation = 1032;

enum class Ending : std::uint8_t { Whole, Cut, Damaged };

struct Deflater {
  void operator()(libdeflate_decompressor* d) const { libdeflate_free_decompressor(d); }
};

std::unexpected<Error> nothing_came_out(Ending ending, std::uint64_t offset) {
  if (ending == Ending::Cut) {
    return std::unexpected(
        Error{.code = Errc::Truncated, .offset = offset, .what = "the compressed stream ends before its first byte"});
  }
  return std::unexpected(
      Error{.code = Errc::Malformed, .offset = offset, .what = "the compressed stream is damaged from its start"});
}

// One zlib stream (`window_bits` chooses gzip or raw) from the front of `in`, of which the used part is removed.
Result<Ending> stream_member(std::string_view& in, int window_bits, Buffer& out) {
  z_stream z{};
  if (inflateInit2(&z, window_bits) != Z_OK)
    return std::unexpected(Error{.code = Errc::Io, .what = "zlib has no memory"});
  const std::unique_ptr<z_stream, int (*)(z_stream*)> guard(&z, inflateEnd);
  for (;;) {
    const auto fed = static_cast<uInt>(std::min<std::size_t>(in.size(), UINT32_MAX));
    if (const auto room = out.prepare(1); !room) return std::unexpected(room.error());
    const auto drained = static_cast<uInt>(std::min<std::size_t>(out.room(), UINT32_MAX));
    // zlib's interface predates const; it only reads.
    z.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(in.data()));
    z.avail_in = fed;
    z.next_out = reinterpret_cast<Bytef*>(out.end());
    z.avail_out = drained;
    const int code = ::inflate(&z, Z_NO_FLUSH);
    const bool stuck = z.avail_in == fed && z.avail_out == drained;
    in.remove_prefix(fed - z.avail_in);
    out.commit(drained - z.avail_out);
    if (code == Z_STREAM_END) return Ending::Whole;
    if (code != Z_OK && code != Z_BUF_ERROR) return Ending::Damaged;
    if (stuck || (in.empty() && z.avail_out != 0)) return Ending::Cut;
  }
}

// One gzip member through libdeflate into memory of exactly the hinted size; false leaves everything as it was.
bool whole_member(std::string_view& in, bool raw, std::uint64_t hint, Buffer& out, std::uint64_t limit) {
  if (hint > limit - out.size() || hint / kMostInflation > in.size()) return false;
  const std::unique_ptr<libdeflate_decompressor, Deflater> inflater(libdeflate_alloc_decompressor());
  if (inflater == nullptr || !out.prepare(hint) || out.room() < hint) return false;
  std::size_t used = 0;
  std::size_t written = 0;
  const auto decompress = raw ? libdeflate_deflate_decompress_ex : libdeflate_gzip_decompress_ex;
  const auto code = decompress(inflater.get(), in.data(), in.size(), out.end(), out.room(), &used, &written);
  if (code != LIBDEFLATE_SUCCESS) return false;
  in.remove_prefix(used);
  out.commit(written);
  return true;
}

// Of zstd and of lz4: bytes of somebody else's between their frames.
bool starts_skippable(std::string_view bytes) {
  return bytes.size() >= 8 && (static_cast<unsigned char>(bytes[0]) & 0xF0) == 0x50 &&
         bytes.substr(1, 3) == kZstdSkippable;
}

std::uint64_t trailing(std::string_view rest) {
  return rest.find_first_not_of('\0') == std::string_view::npos ? 0 : rest.size();
}

Result<Inflated> inflate_gzip(std::string_view bytes, std::uint64_t limit, Place place) {
  Buffer out(limit, place);
  std::string_view rest = bytes;
  Inflated result{.codec = Codec::Gzip};
  while (rest.starts_with(kGzipMagic)) {
    std::uint32_t isize = 0;
    if (rest.size() >= 18) std::memcpy(&isize, rest.data() + rest.size() - 4, 4);
    if (whole_member(rest, /*raw=*/false, isize, out, limit)) continue;
    const std::uint64_t start = bytes.size() - rest.size();
    const std::size_t before = out.size();
    const Ending ending = TRY(stream_member(rest, 15 + 16, out));
    if (ending == Ending::Whole) continue;
    if (out.size() == 0) return nothing_came_out(ending, start);
    result.truncated = true;
    // Bytes of a damaged member may be followed by anything; what looks like a member there is not looked for.
    if (out.size() == before && ending == Ending::Damaged) result.trailing_bytes = bytes.size() - start;
    rest = {};
  }
  if (!result.truncated) result.trailing_bytes = trailing(rest);
  result.stored_bytes = bytes.size() - result.trailing_bytes;
  result.bytes = TRY(out.take());
  return result;
}

// Feeds the next input to zstd and keeps what comes out.
Result<std::size_t> zstd_step(ZSTD_DStream* stream, ZSTD_inBuffer& in, Buffer& out) {
  if (const auto room = out.prepare(1); !room) return std::unexpected(room.error());
  ZSTD_outBuffer to{.dst = out.end(), .size = out.room(), .pos = 0};
  const std::size_t code = ZSTD_decompressStream(stream, &to, &in);
  out.commit(to.pos);
  return code;
}

Result<Inflated> inflate_zstd(std::string_view bytes, std::uint64_t limit, Place place) {
  const std::unique_ptr<ZSTD_DStream, std::size_t (*)(ZSTD_DStream*)> stream(ZSTD_createDStream(), ZSTD_freeDStream);
  if (stream == nullptr) return std::unexpected(Error{.code = Errc::Io, .what = "zstd has no memory"});
  Buffer out(limit, place);
  // As with ISIZE: a stated size beyond what the input could plausibly hold is not allocated at once.
  const unsigned long long stated = ZSTD_getFrameContentSize(bytes.data(), bytes.size());
  if (stated < ZSTD_CONTENTSIZE_ERROR && stated / kMostInflation <= bytes.size() && stated <= limit) {
    if (const auto room = out.prepare(stated); !room) return std::unexpected(room.error());
  }

  Inflated result{.codec = Codec::Zstd};
  ZSTD_inBuffer in{.src = bytes.data(), .size = bytes.size(), .pos = 0};
  std::size_t frame_start = 0;
  while (frame_start < bytes.size()) {
    const std::size_t pos_before = in.pos;
    const std::size_t size_before = out.size();
    const std::size_t code = TRY(zstd_step(stream.get(), in, out));
    if (code == 0) {
      frame_start = in.pos;
      continue;
    }
    const auto failure = ZSTD_getErrorCode(code);
    const bool stuck = in.pos == pos_before && out.size() == size_before;
    if (failure == ZSTD_error_no_error && !stuck) continue;
    if (failure == ZSTD_error_frameParameter_windowTooLarge) {
      return std::unexpected(
          Error{.code = Errc::Unsupported, .offset = frame_start, .what = "a zstd window above 128 MiB"});
    }
    if (failure == ZSTD_error_prefix_unknown && frame_start != 0) {
      result.trailing_bytes = trailing(bytes.substr(frame_start));
      break;
    }
    if (out.size() == 0)
      return nothing_came_out(failure == ZSTD_error_no_error ? Ending::Cut : Ending::Damaged, frame_start);
    result.truncated = true;
    break;
  }
  result.stored_bytes = bytes.size() - result.trailing_bytes;
  result.bytes = TRY(out.take());
  return result;
}

Result<Inflated> inflate_lz4(std::string_view bytes, std::uint64_t limit, Place place) {
  LZ4F_dctx* made = nullptr;
  if (LZ4F_isError(LZ4F_createDecompressionContext(&made, LZ4F_VERSION)) != 0)
    return std::unexpected(Error{.code = Errc::Io, .what = "lz4 has no memory"});
  const std::unique_ptr<LZ4F_dctx, LZ4F_errorCode_t (*)(LZ4F_dctx*)> stream(made, LZ4F_freeDecompressionContext);
  Buffer out(limit, place);
  Inflated result{.codec = Codec::Lz4};
  std::string_view rest = bytes;
  bool inside = false;  // of a frame
  while (!rest.empty()) {
    if (!inside && !rest.starts_with(kLz4Magic) && !starts_skippable(rest)) {
      result.trailing_bytes = trailing(rest);
      break;
    }
    inside = true;
    if (const auto room = out.prepare(1); !room) return std::unexpected(room.error());
    std::size_t fed = rest.size();
    std::size_t drained = out.room();
    const std::size_t code = LZ4F_decompress(stream.get(), out.end(), &drained, rest.data(), &fed, nullptr);
    const bool failed = LZ4F_isError(code) != 0;
    if (!failed) out.commit(drained);
    const std::uint64_t at = bytes.size() - rest.size();
    rest.remove_prefix(failed ? 0 : fed);
    if (!failed && code == 0) inside = false;
    if (!failed && (fed != 0 || drained != 0)) continue;
    if (out.size() == 0) return nothing_came_out(failed ? Ending::Damaged : Ending::Cut, at);
    result.truncated = true;
    break;
  }
  if (inside && out.size() == 0) return nothing_came_out(Ending::Cut, bytes.size());
  result.truncated = result.truncated || inside;
  result.stored_bytes = bytes.size() - result.trailing_bytes;
  result.bytes = TRY(out.take());
  return result;
}

}  // namespace

Codec sniff_codec(std::string_view bytes) {
  if (bytes.starts_with(kGzipMagic)) return Codec::Gzip;
  if (bytes.starts_with(kZstdMagic)) return Codec::Zstd;
  if (bytes.starts_with(kLz4Magic)) return Codec::Lz4;
  return starts_skippable(bytes) ? Codec::Zstd : Codec::None;
}

Result<Inflated> inflate(std::string_view bytes, std::uint64_t limit, Place place) {
  switch (sniff_codec(bytes)) {
    case Codec::Gzip: return inflate_gzip(bytes, limit, place);
    case Codec::Zstd: return inflate_zstd(bytes, limit, place);
    case Codec::Lz4: return inflate_lz4(bytes, limit, place);
    case Codec::None: break;
  }
  return std::unexpected(Error{.code = Errc::Unsupported, .what = "neither gzip, zstd nor lz4"});
}

Result<Inflated> inflate_raw(std::string_view bytes, std::uint64_t expected, std::uint64_t limit) {
  Buffer out(limit);
  std::string_view rest = bytes;
  Inflated result;
  if (!whole_member(rest, /*raw=*/true, expected, out, limit)) {
    const Ending ending = TRY(stream_member(rest, -15, out));
    if (ending != Ending::Whole && out.size() == 0) return nothing_came_out(ending, 0);
    result.truncated = ending != Ending::Whole;
  }
  result.stored_bytes = bytes.size() - rest.size();
  result.bytes = TRY(out.take());
  return result;
}

std::uint32_t crc32(std::string_view bytes) { return libdeflate_crc32(0, bytes.data(), bytes.size()); }

}  // namespace gopsy::io
