#include "io/gzip_stream.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <string_view>

#include "io/inflate.h"

namespace gopsy::io {
namespace {

std::string compressed(std::string_view bytes, std::size_t piece) {
  std::string out;
  GzipStream stream([&](std::string_view some) { out += some; });
  for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size()))) stream.write(bytes.substr(0, piece));
  stream.finish();
  return out;
}

void expect_round_trip(const std::string& bytes) {
  const std::string packed = compressed(bytes, 70'000);
  const auto back = inflate(packed, UINT64_MAX);
  ASSERT_TRUE(back) << bytes.size() << " bytes";
  EXPECT_FALSE(back->truncated) << bytes.size() << " bytes: damaged, or another checksum";
  EXPECT_EQ(back->trailing_bytes, 0);
  EXPECT_TRUE(back->bytes.view() == bytes) << bytes.size() << " bytes";
}

// Bytes below `alphabet`; of a hundred, so many begin a copy of something before.
std::string text(std::mt19937& random, std::size_t size, unsigned alphabet, unsigned copies) {
  std::string out;
  while (out.size() < size) {
    if (random() % 100 < copies && !out.empty()) {
      out += out.substr(random() % out.size(), random() % 600);
    } else {
      out += static_cast<char>(random() % (random() % alphabet + 1));
    }
  }
  out.resize(size);
  return out;
}

TEST(GzipStream, NothingIsAGzipMemberOfNothing) { expect_round_trip(""); }

TEST(GzipStream, EverySmallSizeComesBack) {
  std::mt19937 random(1);
  for (std::size_t size = 1; size < 300; ++size) expect_round_trip(text(random, size, 256, 10));
}

TEST(GzipStream, SizesAroundAPieceComeBack) {
  std::mt19937 random(2);
  constexpr std::size_t kPiece = GzipStream::kPiece;
  for (const std::size_t size : {kPiece - 1, kPiece, kPiece + 1, 2 * kPiece, 2 * kPiece + 17})
    expect_round_trip(text(random, size, 256, 5));
}

TEST(GzipStream, IsReadByTheSystemsGzipAsWell) {
  std::mt19937 random(3);
  const std::string bytes = text(random, GzipStream::kPiece * 2 + 5, 17, 30);
  const std::string path = testing::TempDir() + "/gopsy-members.gz";
  std::ofstream(path, std::ios::binary) << compressed(bytes, bytes.size());
  const std::string plain = path + ".plain";
  ASSERT_EQ(std::system(("gzip -dc " + path + " > " + plain).c_str()), 0);
  std::ifstream in(plain, std::ios::binary);
  EXPECT_TRUE(std::string(std::istreambuf_iterator<char>(in), {}) == bytes);
}

TEST(GzipStream, TheBytesDoNotDependOnHowTheInputIsCut) {
  std::mt19937 random(5);
  const std::string bytes = text(random, GzipStream::kPiece + 400'000, 200, 10);
  EXPECT_TRUE(compressed(bytes, 1'000'000) == compressed(bytes, 7'777));
}

TEST(GzipStream, WhatRepeatsTakesLittleRoom) {
  EXPECT_LT(compressed(std::string(1'000'000, 'x'), 1'000'000).size(), 10'000);
}

TEST(GzipStream, WhatDoesNotRepeatGrowsByLessThanAHundredth) {
  std::mt19937 random(6);
  std::string bytes(1'000'000, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  EXPECT_LT(compressed(bytes, bytes.size()).size(), 1'010'000);
  expect_round_trip(bytes);
}

}  // namespace
}  // namespace gopsy::io
