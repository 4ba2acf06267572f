#include <gmock/gmock.h>

#include <string>
#include <string_view>

#include "decode/decoder.h"
#include "support/golden.h"
#include "support/log_text.h"
#include "support/profile_text.h"

namespace gopsy::decode {
namespace {

using test::golden_input;
using test::golden_inputs;

std::string folder(const Decoder& decoder) { return "decode/" + std::string(decoder.name); }

TEST(DecoderGoldens, ReadAsTheirWantFilesSay) {
  for (const Decoder* decoder : decoders()) {
    for (const std::string& path : golden_inputs(folder(*decoder), ""))
      EXPECT_TRUE(test::matches_golden(path + ".want", test::decoded_text(*decoder, golden_input(path))));
  }
}

// Anything may come out, but it must add up, and nothing may be touched that is not there (asan).
void survives(const Decoder& decoder, std::string_view bytes) {
  decoder.sniff(bytes.substr(0, kSniffBytes));
  model::Symbols symbols;
  const auto evidence = decoder.decode(bytes, symbols);
  if (evidence) {
    EXPECT_TRUE(test::counts_add_up(*evidence));
    EXPECT_FALSE(evidence->kind.empty());
    test::evidence_text(*evidence, symbols);
  }
}

TEST(DecoderGoldens, AreSurvivedCutAtEveryByte) {
  for (const Decoder* decoder : decoders()) {
    for (const std::string& path : golden_inputs(folder(*decoder), "")) {
      const std::string bytes = golden_input(path).substr(0, 3000);
      for (std::size_t cut = 0; cut <= bytes.size(); ++cut) survives(*decoder, std::string_view(bytes).substr(0, cut));
    }
  }
}

TEST(DecoderGoldens, AreSurvivedWithAnyBitFlipped) {
  for (const Decoder* decoder : decoders()) {
    for (const std::string& path : golden_inputs(folder(*decoder), "")) {
      const std::string bytes = golden_input(path);
      // All bits of small inputs, about 4,000 of large ones.
      const std::size_t step = 1 + bytes.size() * 8 / 4000;
      for (std::size_t bit = 0; bit < bytes.size() * 8; bit += step) {
        std::string damaged = bytes;
        damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ 1 << bit % 8);
        survives(*decoder, damaged);
      }
    }
  }
}

TEST(DecoderGoldens, AreSurvivedBehindOneAnother) {
  for (const Decoder* decoder : decoders()) {
    std::string all;
    for (const std::string& path : golden_inputs(folder(*decoder), "")) survives(*decoder, all += golden_input(path));
  }
}

}  // namespace
}  // namespace gopsy::decode
