#include "io/gzip_stream.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <utility>

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

TEST(GzipStream, SizesAroundABlockComeBack) {
  std::mt19937 random(2);
  constexpr std::size_t kBlock = std::size_t{128} << 10;
  for (const std::size_t size : {kBlock - 1, kBlock, kBlock + 1, 2 * kBlock, 5 * kBlock + 17})
    expect_round_trip(text(random, size, 256, 5));
}

TEST(GzipStream, AnyMixOfCopiesAndAlphabetsComesBack) {
  std::mt19937 random(3);
  for (const unsigned alphabet : {1U, 2U, 3U, 17U, 100U, 256U})
    for (const unsigned copies : {0U, 1U, 30U, 90U}) expect_round_trip(text(random, 200'000, alphabet, copies));
}

TEST(GzipStream, ByteCountsThatDoubleNeedLongerCodesThanThereAre) {
  // Counts like Fibonacci's numbers make Huffman's tree as deep as it can be.
  std::string bytes;
  std::size_t count = 1;
  std::size_t before = 1;
  for (unsigned byte = 0; byte < 24; ++byte) {
    bytes.append(count, static_cast<char>(byte));
    before = std::exchange(count, count + before);
  }
  std::ranges::shuffle(bytes, std::mt19937(4));
  bytes.resize(std::min(bytes.size(), std::size_t{128} << 10));
  expect_round_trip(bytes);
}

TEST(GzipStream, TheBytesDoNotDependOnHowTheInputIsCut) {
  std::mt19937 random(5);
  const std::string bytes = text(random, 400'000, 200, 10);
  EXPECT_TRUE(compressed(bytes, 1'000'000) == compressed(bytes, 777));
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
