// Writes a big, deterministic CPU profile. FILE ends in .gz: compressed.
//   generate_profile SAMPLES DEPTH FUNCTIONS SPREAD FILE   of a thousand calls, SPREAD leave the beaten path
//   generate_profile walk SAMPLES DEPTH LABELS SEED FILE   what pprof was measured with; LABELS 1: two a sample

#include <libdeflate.h>

#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <string>
#include <string_view>

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

int write(const std::string& path, const std::string& profile) {
  std::ofstream out(path, std::ios::binary);
  out << (path.ends_with(".gz") ? gzip(profile) : profile);
  if (out.flush()) return 0;
  std::fprintf(stderr, "%s cannot be written\n", path.c_str());
  return 2;
}

int usage() {
  std::fputs(
      "usage: generate_profile SAMPLES DEPTH FUNCTIONS SPREAD FILE[.gz]\n"
      "       generate_profile walk SAMPLES DEPTH LABELS SEED FILE[.gz]\n",
      stderr);
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 7 && std::string_view(argv[1]) == "walk") {
    gopsy::bench::Walk walk;
    std::uint32_t labels = 0;
    if (!number(argv[2], walk.samples) || !number(argv[3], walk.depth) || !number(argv[4], labels) ||
        !number(argv[5], walk.seed)) {
      return usage();
    }
    walk.labels = labels != 0;
    return write(argv[6], gopsy::bench::walked_profile(walk));
  }
  gopsy::bench::Shape shape;
  if (argc != 6 || !number(argv[1], shape.samples) || !number(argv[2], shape.depth) ||
      !number(argv[3], shape.functions) || !number(argv[4], shape.spread) || shape.functions == 0) {
    return usage();
  }
  return write(argv[5], gopsy::bench::big_profile(shape));
}
