#include "render/profile/pprof_writer.h"

#include <gtest/gtest.h>

#include <string>

#include "decode/pprof/pprof.h"
#include "io/deflate.h"
#include "io/inflate.h"
#include "support/golden.h"
#include "support/profile_builder.h"
#include "support/profile_text.h"

namespace gopsy::render {
namespace {

using test::ProfileBytes;
using test::WireWriter;

std::string rewritten(const std::string& bytes) {
  model::Symbols symbols;
  const auto evidence = decode::kPprof.decode(bytes, symbols);
  EXPECT_TRUE(evidence);
  return evidence ? pprof_bytes(*evidence->profile, symbols) : std::string();
}

TEST(PprofWriter, EveryGoldenProfileReadsTheSameAfterItWasWritten) {
  const auto inputs = test::golden_inputs("decode/pprof", "good-");
  ASSERT_FALSE(inputs.empty());
  for (const auto& path : inputs) {
    const std::string bytes = test::golden_input(path);
    const std::string again = rewritten(bytes);
    EXPECT_EQ(test::decoded_text(decode::kPprof, again), test::decoded_text(decode::kPprof, bytes)) << path;
    EXPECT_EQ(rewritten(again), again) << path;
  }
}

TEST(PprofWriter, FieldsPackingLabelsAndStringsStandAsPprofWritesThem) {
  ProfileBytes p;
  p.type("cpu", "nanoseconds");
  const auto label = [&](const char* key, const char* text) {
    return WireWriter().varint(1, p.text(key)).varint(2, p.text(text));
  };
  const auto leaf = p.location("leaf");
  const auto root = p.location("root");
  p.message(2, WireWriter()
                   .packed(1, std::vector<std::uint64_t>{leaf, root})
                   .varint(2, 7)
                   .message(3, WireWriter().varint(1, p.text("a")).varint(3, 9).varint(4, p.text("bytes")))
                   .message(3, label("z", "last"))
                   .message(3, label("b", "first")));
  p.message(2, WireWriter().packed(1, std::vector<std::uint64_t>{leaf, root, root}).varint(2, 300));

  WireWriter want;
  want.message(1, WireWriter().varint(1, 1).varint(2, 2));
  want.message(2, WireWriter()
                      .varint(1, 1)
                      .varint(1, 2)
                      .varint(2, 7)
                      .message(3, WireWriter().varint(1, 3).varint(2, 4))
                      .message(3, WireWriter().varint(1, 5).varint(2, 6))
                      .message(3, WireWriter().varint(1, 7).varint(3, 9).varint(4, 8)));
  want.message(2, WireWriter().packed(1, std::vector<std::uint64_t>{1, 2, 2}).varint(2, 300));
  for (const std::uint64_t id : {1u, 2u})
    want.message(
        4,
        WireWriter().varint(1, id).varint(3, 0x401000 + 16 * id).message(4, WireWriter().varint(1, id).varint(2, 10)));
  want.message(5, WireWriter().varint(1, 1).varint(2, 9).varint(3, 9).varint(4, 10));
  want.message(5, WireWriter().varint(1, 2).varint(2, 11).varint(3, 11).varint(4, 12));
  for (const char* text : {"", "cpu", "nanoseconds", "b", "first", "z", "last", "a", "bytes", "leaf", "/src/leaf.go",
                           "root", "/src/root.go"})
    want.bytes(6, text);
  want.varint(14, 0);
  EXPECT_EQ(rewritten(p.str()), want.str());
}

TEST(PprofWriter, DeepStacksAndLargeNumbersKeepTheirLengths) {
  ProfileBytes p;
  p.type("a", "count").type("b", "count").type("c", "count");
  std::vector<std::string> deep;
  for (int i = 0; i < 9000; ++i) deep.push_back("f" + std::to_string(i % 300));
  p.sample(deep, {-1, INT64_MAX, INT64_MIN}).sample({}, {0, 0, 0});
  const std::string again = rewritten(p.str());
  EXPECT_EQ(test::decoded_text(decode::kPprof, again), test::decoded_text(decode::kPprof, p.str()));
}

TEST(Gzip, WhatWasCompressedInflatesToTheSame) {
  for (const std::size_t size : {0u, 1u, 100'000u, 5u << 20}) {
    std::string bytes(size, 'a');
    for (std::size_t i = 0; i < size; i += 7) bytes[i] = static_cast<char>(i * 31);
    const auto packed = io::gzip(bytes);
    ASSERT_TRUE(packed);
    const auto inflated = io::inflate(*packed, std::uint64_t{1} << 30);
    ASSERT_TRUE(inflated);
    EXPECT_TRUE(inflated->bytes.view() == bytes);
    EXPECT_EQ(*io::gzip(bytes), *packed);
  }
}

}  // namespace
}  // namespace gopsy::render
