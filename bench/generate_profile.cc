// Writes a big, deterministic CPU profile: generate_profile SAMPLES DEPTH FUNCTIONS SPREAD FILE
// FILE ends in .gz: compressed. SPREAD: of a thousand calls, how many leave the beaten path.

#include <libdeflate.h>

#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <string>

#include "big_profile.h"

namespace {

std::string gzip(const std::string& content) {
  libdeflate_compressor* const compressor = libdeflate_alloc_compressor(6);
  std::string out(libdeflate_gzip_compress_bound(compressor, content.size()), '\0');
  out.resize(libdeflate_gzip_compress(compressor, content.data(), content.size(), out.data(), out.size()));
  libdeflate_free_compressor(compressor);
  return out;
}

bool number(const char* text, std::uint32_t& value) {
  const char* const end = text + std::strlen(text);
  return std::from_chars(text, end, value).ptr == end;
}

}  // namespace

int main(int argc, char** argv) {
  gopsy::bench::Shape shape;
  if (argc != 6 || !number(argv[1], shape.samples) || !number(argv[2], shape.depth) ||
      !number(argv[3], shape.functions) || !number(argv[4], shape.spread) || shape.functions == 0) {
    std::fputs("usage: generate_profile SAMPLES DEPTH FUNCTIONS SPREAD FILE[.gz]\n", stderr);
    return 2;
  }
  const std::string path = argv[5];
  const std::string profile = gopsy::bench::big_profile(shape);
  std::ofstream out(path, std::ios::binary);
  out << (path.ends_with(".gz") ? gzip(profile) : profile);
  if (out.flush()) return 0;
  std::fprintf(stderr, "%s cannot be written\n", path.c_str());
  return 2;
}
