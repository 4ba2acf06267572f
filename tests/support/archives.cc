#include "support/archives.h"

#include <gtest/gtest.h>
#include <libdeflate.h>
#include <lz4frame.h>
#include <zstd.h>

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>

namespace gopsy::test {
namespace {

using Compress = std::size_t (*)(libdeflate_compressor*, const void*, std::size_t, void*, std::size_t);

std::string deflate_with(Compress compress, std::string_view content) {
  const std::unique_ptr<libdeflate_compressor, void (*)(libdeflate_compressor*)> compressor(
      libdeflate_alloc_compressor(6), libdeflate_free_compressor);
  std::string out(libdeflate_gzip_compress_bound(compressor.get(), content.size()), '\0');
  out.resize(compress(compressor.get(), content.data(), content.size(), out.data(), out.size()));
  return out;
}

void put(std::string& out, std::uint64_t value, std::size_t bytes) {
  for (std::size_t i = 0; i < bytes; ++i) out += i < 8 ? static_cast<char>(value >> (8 * i) & 0xFF) : '\0';
}

std::string tar_header(std::string_view name, std::size_t size, char type) {
  std::string header(512, '\0');
  name.substr(0, 100).copy(header.data(), 100);
  std::snprintf(&header[100], 8, "%07o", 0644U);
  std::snprintf(&header[108], 8, "%07o", 0U);
  std::snprintf(&header[116], 8, "%07o", 0U);
  std::snprintf(&header[124], 12, "%011llo", static_cast<unsigned long long>(size));
  std::snprintf(&header[136], 12, "%011o", 0U);
  header[156] = type;
  std::memcpy(&header[257], "ustar\00000", 8);
  std::memset(&header[148], ' ', 8);
  unsigned sum = 0;
  for (const char c : header) sum += static_cast<unsigned char>(c);
  std::snprintf(&header[148], 8, "%06o", sum);
  return header;
}

std::string padded(std::string_view content) {
  std::string out(content);
  out.resize((content.size() + 511) / 512 * 512);
  return out;
}

// The fields that the local header and the directory entry share: version needed to the lengths of name and extra.
std::string zip_fields(const File& file, std::string_view packed, const ZipOptions& options, bool local) {
  const bool hidden = local && options.sizes_follow;
  const std::uint64_t crc = hidden ? 0 : libdeflate_crc32(0, file.content.data(), file.content.size());
  std::string out;
  put(out, 20, 2);
  put(out, options.sizes_follow ? 8 : 0, 2);
  put(out, options.deflate ? 8 : 0, 2);
  put(out, 0, 4);
  put(out, crc, 4);
  put(out, options.zip64 ? UINT32_MAX : hidden ? 0 : packed.size(), 4);
  put(out, options.zip64 ? UINT32_MAX : hidden ? 0 : file.content.size(), 4);
  put(out, file.name.size(), 2);
  put(out, options.zip64 ? 20 : 0, 2);
  return out;
}

std::string zip64_extra(const File& file, std::string_view packed, const ZipOptions& options) {
  std::string out;
  if (!options.zip64) return out;
  put(out, 1, 2);
  put(out, 16, 2);
  put(out, file.content.size(), 8);
  put(out, packed.size(), 8);
  return out;
}

}  // namespace

std::string gzip(std::string_view content) { return deflate_with(libdeflate_gzip_compress, content); }

std::string lz4(std::string_view content) {
  LZ4F_preferences_t preferences{};
  preferences.frameInfo.blockSizeID = LZ4F_max4MB;
  preferences.frameInfo.contentChecksumFlag = LZ4F_contentChecksumEnabled;
  std::string packed(LZ4F_compressFrameBound(content.size(), &preferences), '\0');
  packed.resize(LZ4F_compressFrame(packed.data(), packed.size(), content.data(), content.size(), &preferences));
  return packed;
}

std::string zstd(std::string_view content) {
  const std::unique_ptr<ZSTD_CCtx, std::size_t (*)(ZSTD_CCtx*)> context(ZSTD_createCCtx(), ZSTD_freeCCtx);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, 1);
  std::string out(ZSTD_compressBound(content.size()), '\0');
  out.resize(ZSTD_compress2(context.get(), out.data(), out.size(), content.data(), content.size()));
  return out;
}

std::string pax_header(std::string_view records) { return tar_header("pax", records.size(), 'x') + padded(records); }

std::string tar(const std::vector<File>& files) {
  std::string out;
  for (const File& file : files) {
    if (file.name.size() > 100) {
      const std::string name = file.name + '\0';
      out += tar_header("././@LongLink", name.size(), 'L') + padded(name);
    }
    out += tar_header(file.name, file.content.size(), '0') + padded(file.content);
  }
  return out + std::string(1024, '\0');
}

std::string zip(const std::vector<File>& files) { return zip(files, {}); }

std::string zip(const std::vector<File>& files, const ZipOptions& options) {
  std::string out;
  std::string directory;
  for (const File& file : files) {
    const std::string packed = options.deflate ? deflate_with(libdeflate_deflate_compress, file.content) : file.content;
    directory += std::string("PK\1\2\24\0", 6) + zip_fields(file, packed, options, false);
    put(directory, 0, 10);  // comment length, disk, attributes
    put(directory, out.size(), 4);
    directory += file.name + zip64_extra(file, packed, options);

    out += std::string("PK\3\4", 4) + zip_fields(file, packed, options, true) + file.name;
    out += zip64_extra(file, packed, options) + packed;
    if (!options.sizes_follow) continue;
    out += std::string("PK\7\10", 4);
    put(out, libdeflate_crc32(0, file.content.data(), file.content.size()), 4);
    put(out, packed.size(), 4);
    put(out, file.content.size(), 4);
  }
  if (!options.directory) return out;
  const std::size_t start = out.size();
  out += directory + std::string("PK\5\6\0\0\0\0", 8);
  put(out, files.size(), 2);
  put(out, files.size(), 2);
  put(out, directory.size(), 4);
  put(out, start, 4);
  put(out, 0, 2);
  return out;
}

}  // namespace gopsy::test
