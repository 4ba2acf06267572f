#include "model/arguments.h"

#include <gmock/gmock.h>

#include <string>
#include <string_view>

#include "base/format.h"

namespace gopsy::model {
namespace {

// The tree written out again: "[N" where an aggregate of N values begins.
std::string tree(std::string_view text) {
  const Arguments arguments = parse_arguments(text);
  std::string out;
  for (std::size_t i = 0; i < arguments.values.size(); ++i) {
    const Argument& value = arguments.values[i];
    if (!out.empty()) out += ' ';
    switch (value.kind) {
      case Argument::Kind::Word: out += fmt::format("{:x}", value.value); break;
      case Argument::Kind::Aggregate: out += fmt::format("[{}", value.end - i - 1); break;
      case Argument::Kind::Elided: out += "..."; break;
      case Argument::Kind::Unknown: out += "_"; break;
    }
    if (value.stale) out += '?';
  }
  return out + (arguments.malformed ? " malformed" : "") + (arguments.inlined ? " inlined" : "");
}

TEST(Arguments, AreReadInEveryFormThatGoPrints) {
  EXPECT_EQ(tree(""), "");
  EXPECT_EQ(tree("0x1, 0xc000012345"), "1 c000012345") << "flat, up to Go 1.16";
  EXPECT_EQ(tree("0x1, 0x2, ..."), "1 2 ...");
  EXPECT_EQ(tree("{0x4b2d60, 0x5}, 0x7?"), "[2 4b2d60 5 7?");
  EXPECT_EQ(tree("{{0x1, 0x2?}, {}}, _"), "[4 [2 1 2? [0 _") << "an empty struct, an offset that is too large";
  EXPECT_EQ(tree("{{{{{...}}}}}"), "[5 [4 [3 [2 [1 ...") << "deeper than five levels";
  EXPECT_EQ(tree("..."), "... inlined");
}

TEST(Arguments, ThatGoDoesNotPrintAreMarked) {
  EXPECT_EQ(tree("{0x1"), "[1 1 malformed");
  EXPECT_EQ(tree("0x1}, 0x2"), "1 2 malformed");
  EXPECT_EQ(tree("int, char const*"), "_ _ malformed") << "types of C++";
  EXPECT_EQ(tree("0x1ffffffffffffffff"), "_ malformed") << "more than 64 bits";
  EXPECT_EQ(tree("5"), "_ malformed");
  EXPECT_EQ(tree("_?"), "_? malformed");
}

TEST(Arguments, NestAsDeepAsTheTextDoes) {
  const Arguments arguments = parse_arguments(std::string(200'000, '{'));
  EXPECT_EQ(arguments.values.size(), 200'000U);
  EXPECT_TRUE(arguments.malformed);
}

TEST(Arguments, AreWalkedLevelByLevel) {
  const Arguments arguments = parse_arguments("{0x1, {0x2}}, 0x3");
  ASSERT_EQ(arguments.top().size(), 2U);
  EXPECT_EQ(arguments.top()[1].value, 3U);
  ASSERT_EQ(arguments.inside(0).size(), 2U);
  EXPECT_EQ(arguments.inside(0)[1].kind, Argument::Kind::Aggregate);
}

TEST(FirstArgument, IsANumberThatIsNotStale) {
  EXPECT_EQ(first_argument("0xc000012345, 0x0"), 0xc000012345U);
  EXPECT_EQ(first_argument("0x7"), 7U);
  EXPECT_EQ(first_argument("0x7?"), std::nullopt);
  EXPECT_EQ(first_argument("{0x7, 0x1}"), std::nullopt);
  EXPECT_EQ(first_argument("..."), std::nullopt);
  EXPECT_EQ(first_argument(""), std::nullopt);
}

}  // namespace
}  // namespace gopsy::model
