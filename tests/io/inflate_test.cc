#include "io/inflate.h"

#include <gmock/gmock.h>

#include <random>
#include <string>

#include "base/error.h"
#include "support/archives.h"

namespace gopsy::io {
namespace {

constexpr std::uint64_t kLimit = std::uint64_t{64} << 20;

std::string some_text(std::size_t bytes) {
  std::mt19937 random(7);
  std::string text;
  while (text.size() < bytes) text += "main.handle;main.store " + std::to_string(random() % 1000) + "\n";
  text.resize(bytes);
  return text;
}

// gzip -k of "hello\n", with a name in its header, as a member that no library of ours wrote.
constexpr std::string_view kForeign(
    "\x1f\x8b\x08\x08\x00\x00\x00\x00\x00\x03h.txt\x00\xcb\x48\xcd\xc9\xc9\xe7\x02\x00\x20\x30\x3a\x36\x06\x00\x00\x00",
    32);

using Pack = std::string (*)(std::string_view);

class EveryCodec : public testing::TestWithParam<Pack> {};

INSTANTIATE_TEST_SUITE_P(Inflate, EveryCodec, testing::Values<Pack>(test::gzip, test::zstd, test::lz4));

TEST_P(EveryCodec, BringsBackWhatWasPacked) {
  for (const std::size_t bytes : {0uz, 1uz, 100uz, 1'000'000uz}) {
    const std::string text = some_text(bytes);
    const std::string packed = GetParam()(text);
    const auto result = inflate(packed, kLimit);
    ASSERT_TRUE(result) << message(result.error());
    EXPECT_EQ(result->bytes.view(), text);
    EXPECT_EQ(result->stored_bytes, packed.size());
    EXPECT_FALSE(result->truncated);
    EXPECT_EQ(result->trailing_bytes, 0);
  }
}

TEST_P(EveryCodec, BringsTheSameIntoATemporaryFile) {
  for (const std::size_t bytes : {0uz, 1uz, 1'000'000uz, 3'000'000uz}) {
    const std::string text = some_text(bytes);
    const auto result = inflate(GetParam()(text), kLimit, Place::TemporaryFile);
    ASSERT_TRUE(result) << message(result.error());
    EXPECT_EQ(result->bytes.view(), text);
  }
  EXPECT_EQ(inflate(GetParam()(some_text(100'000)), 99'999, Place::TemporaryFile).error().code, Errc::TooLarge);
}

TEST_P(EveryCodec, MembersBehindOneAnotherAreOneContent) {
  const auto result = inflate(GetParam()("first ") + GetParam()("") + GetParam()("second"), kLimit);
  ASSERT_TRUE(result) << message(result.error());
  EXPECT_EQ(result->bytes.view(), "first second");
  EXPECT_FALSE(result->truncated);
}

TEST_P(EveryCodec, GarbageBehindTheStreamIsCountedAndPaddingIsNot) {
  const auto garbage = inflate(GetParam()("content") + "garbage!", kLimit);
  ASSERT_TRUE(garbage) << message(garbage.error());
  EXPECT_EQ(garbage->bytes.view(), "content");
  EXPECT_EQ(garbage->trailing_bytes, 8);
  EXPECT_FALSE(garbage->truncated);

  const auto padding = inflate(GetParam()("content") + std::string(512, '\0'), kLimit);
  ASSERT_TRUE(padding) << message(padding.error());
  EXPECT_EQ(padding->bytes.view(), "content");
  EXPECT_EQ(padding->trailing_bytes, 0);
}

TEST_P(EveryCodec, CutAtEveryByteItYieldsAPrefixAndSaysSo) {
  const std::string text = some_text(5000);
  const std::string packed = GetParam()(text);
  for (std::size_t cut = 4; cut < packed.size(); ++cut) {
    const auto result = inflate(std::string_view(packed).substr(0, cut), kLimit);
    if (!result) {
      EXPECT_EQ(result.error().code, Errc::Truncated) << cut;
      continue;
    }
    EXPECT_TRUE(result->truncated) << cut;
    EXPECT_TRUE(text.starts_with(result->bytes.view())) << cut;
  }
}

TEST(Inflate, ATornGzipKeepsNearlyAllThatWasWritten) {
  const std::string text = some_text(200'000);
  std::string packed = test::gzip(text);
  packed.resize(packed.size() * 9 / 10);
  const auto result = inflate(packed, kLimit);
  ASSERT_TRUE(result) << message(result.error());
  EXPECT_TRUE(result->truncated);
  EXPECT_GT(result->bytes.size(), text.size() * 85 / 100);
}

TEST_P(EveryCodec, ADamagedBitNeverPassesForWholeContent) {
  const std::string text = some_text(700);
  const std::string packed = GetParam()(text);
  for (std::size_t bit = 0; bit < packed.size() * 8; ++bit) {
    std::string damaged = packed;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ 1 << bit % 8);
    const auto result = inflate(damaged, kLimit);
    if (result && !result->truncated && result->trailing_bytes == 0) {
      EXPECT_EQ(result->bytes.view(), text) << bit;
    }
  }
}

TEST_P(EveryCodec, ABombStopsAtTheLimit) {
  const std::string bomb = GetParam()(std::string(20'000'000, 'A'));
  ASSERT_LT(bomb.size(), 100'000);
  const auto result = inflate(bomb, 1'000'000);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::TooLarge);
  EXPECT_EQ(message(result.error()), "the content exceeds the limit of 1000000 bytes");
}

TEST_P(EveryCodec, ExactlyTheLimitPassesAndOneByteMoreDoesNot) {
  const std::string text = some_text(100'000);
  const std::string packed = GetParam()(text);
  EXPECT_TRUE(inflate(packed, text.size()));
  EXPECT_FALSE(inflate(packed, text.size() - 1));
}

TEST(Inflate, ALyingTrailerSizeIsOnlyAHint) {
  for (const char lie : {'\0', '\x7f', '\xff'}) {
    std::string packed = test::gzip(some_text(3000));
    packed.replace(packed.size() - 4, 4, 4, lie);
    const auto result = inflate(packed, kLimit);
    ASSERT_TRUE(result) << message(result.error());
    EXPECT_EQ(result->bytes.view(), some_text(3000));
    EXPECT_TRUE(result->truncated) << "a wrong trailer is damage";
  }
}

TEST(Inflate, ReadsAGzipHeaderWithAName) {
  const auto result = inflate(kForeign, kLimit);
  ASSERT_TRUE(result) << message(result.error());
  EXPECT_EQ(result->bytes.view(), "hello\n");
  EXPECT_FALSE(result->truncated);
}

TEST(Inflate, PlainBytesAreNoCodec) {
  EXPECT_EQ(sniff_codec(""), Codec::None);
  EXPECT_EQ(sniff_codec("\x1f\x8b"), Codec::None);
  EXPECT_EQ(sniff_codec("goroutine 1 [running]:"), Codec::None);
  EXPECT_EQ(inflate("plain", kLimit).error().code, Errc::Unsupported);
}

}  // namespace
}  // namespace gopsy::io
