#include "analyze/recursion.h"

#include <gmock/gmock.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/format.h"

namespace gopsy::analyze {
namespace {

// "xabababy": one letter, one key. Yields "begin+period*repeats" for each cycle.
std::string cycles(std::string_view letters, std::size_t min_repeats) {
  const std::vector<std::uint32_t> keys(letters.begin(), letters.end());
  std::string text;
  for (const Cycle& cycle : find_cycles(keys, min_repeats))
    text += fmt::format("{}{}+{}*{}", text.empty() ? "" : " ", cycle.begin, cycle.period, cycle.repeats);
  return text;
}

TEST(FindCycles, SeesNothingInASequenceWithoutRepetition) {
  EXPECT_EQ(cycles("", 3), "");
  EXPECT_EQ(cycles("a", 3), "");
  EXPECT_EQ(cycles("abcdefg", 3), "");
}

TEST(FindCycles, NeedsAsManyRepeatsAsAskedFor) {
  EXPECT_EQ(cycles("abab", 3), "");
  EXPECT_EQ(cycles("ababab", 3), "0+2*3");
  EXPECT_EQ(cycles("abab", 2), "0+2*2");
}

TEST(FindCycles, SkipsARaggedHeadAndTail) { EXPECT_EQ(cycles("xyabcabcabcz", 3), "2+3*3"); }

TEST(FindCycles, PrefersTheShortestPeriod) {
  EXPECT_EQ(cycles("aaaaaa", 3), "0+1*6");
  EXPECT_EQ(cycles("abababababab", 3), "0+2*6");
}

TEST(FindCycles, FindsSeveralOneAfterTheOther) { EXPECT_EQ(cycles("aaaxbcbcbc", 3), "0+1*3 4+2*3"); }

TEST(FindCycles, CountsOnlyWholeRounds) { EXPECT_EQ(cycles("abcabcabcab", 3), "0+3*3"); }

TEST(FindCycles, StopsAtTheLongestPeriod) {
  std::vector<std::uint32_t> keys;
  for (std::uint32_t round = 0; round < 4; ++round)
    for (std::uint32_t i = 0; i < kLongestPeriod; ++i) keys.push_back(i);
  ASSERT_EQ(find_cycles(keys, 3).size(), 1U);
  EXPECT_EQ(find_cycles(keys, 3)[0].period, kLongestPeriod);
  keys.clear();
  for (std::uint32_t round = 0; round < 4; ++round)
    for (std::uint32_t i = 0; i <= kLongestPeriod; ++i) keys.push_back(i);
  EXPECT_TRUE(find_cycles(keys, 3).empty());
}

}  // namespace
}  // namespace gopsy::analyze
