#include "decode/decoder.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <string>

#include "support/golden.h"
#include "support/profile_text.h"

namespace gopsy::decode {
namespace {

namespace fs = std::filesystem;
using test::golden_input;
using test::golden_inputs;

const fs::path kRoot = test::source_path("");

TEST(DecoderRegistry, EveryRowHasAPageAFuzzTargetAndGoldensOfAllKinds) {
  for (const Decoder* decoder : decoders()) {
    const std::string name(decoder->name);
    EXPECT_FALSE(decoder->title.empty()) << name;
    EXPECT_FALSE(decoder->summary.empty()) << name;
    EXPECT_TRUE(fs::exists(kRoot / "docs/formats" / (name + ".md"))) << "docs/formats/" << name << ".md";
    EXPECT_TRUE(fs::exists(kRoot / "fuzz" / (name + ".cc"))) << "fuzz/" << name << ".cc";
    for (const std::string kind : {"good", "truncated", "hostile"}) {
      EXPECT_FALSE(golden_inputs("decode/" + name, kind).empty())
          << "tests/golden/decode/" << name << "/" << kind << "-*";
    }
  }
}

TEST(DecoderRegistry, NamesAreUniqueAndFoundAgain) {
  std::set<std::string_view> names;
  for (const Decoder* decoder : decoders()) {
    EXPECT_TRUE(names.insert(decoder->name).second) << decoder->name;
    EXPECT_EQ(find_decoder(decoder->name), decoder);
  }
  EXPECT_EQ(find_decoder("no such format"), nullptr);
}

TEST(DecoderRegistry, NoGoldenIsClaimedForCertainByTwoDecodersAndGoodOnesGoToTheirOwn) {
  for (const Decoder* owner : decoders()) {
    for (const std::string& path : golden_inputs("decode/" + std::string(owner->name), "")) {
      const std::string bytes = golden_input(path);
      const auto head = std::string_view(bytes).substr(0, kSniffBytes);
      const auto certain =
          std::ranges::count_if(decoders(), [&](const Decoder* d) { return d->sniff(head) == Match::Certain; });
      EXPECT_LE(certain, 1) << path;
      if (path.contains("/good")) EXPECT_EQ(sniff(bytes), owner) << path;
    }
  }
}

TEST(DecoderRegistry, EveryDecoderSurvivesTheGoldensOfTheOthers) {
  for (const Decoder* owner : decoders()) {
    for (const std::string& path : golden_inputs("decode/" + std::string(owner->name), "")) {
      const std::string bytes = golden_input(path);
      for (const Decoder* decoder : decoders()) {
        model::Symbols symbols;
        const auto evidence = decoder->decode(bytes, symbols);
        if (evidence) EXPECT_TRUE(test::counts_add_up(*evidence)) << path << " as " << decoder->name;
      }
    }
  }
}

}  // namespace
}  // namespace gopsy::decode
