#include "io/deflate.h"

#include <libdeflate.h>

#include <cerrno>
#include <memory>

namespace gopsy::io {
namespace {

constexpr std::size_t kSmall = std::size_t{4} << 20;

struct Free {
  void operator()(libdeflate_compressor* compressor) const { libdeflate_free_compressor(compressor); }
};

}  // namespace

Result<std::string> gzip(std::string_view bytes, Effort effort) {
  const std::unique_ptr<libdeflate_compressor, Free> compressor(
      libdeflate_alloc_compressor(effort == Effort::Auto && bytes.size() <= kSmall ? 6 : 1));
  if (!compressor) return std::unexpected(Error{.code = Errc::Io, .what = "out of memory", .a = ENOMEM});
  std::string out;
  // Not filled with zeros first: the pages behind the result are never touched.
  out.resize_and_overwrite(libdeflate_gzip_compress_bound(compressor.get(), bytes.size()),
                           [&](char* at, std::size_t room) {
                             return libdeflate_gzip_compress(compressor.get(), bytes.data(), bytes.size(), at, room);
                           });
  return out;
}

}  // namespace gopsy::io
