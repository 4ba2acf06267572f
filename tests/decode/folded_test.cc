#include "decode/folded/folded.h"

#include <gmock/gmock.h>

#include <string>

#include "support/profile_text.h"

namespace gopsy::decode {
namespace {

using testing::HasSubstr;

std::string text_of(std::string_view bytes) { return test::decoded_text(kFolded, bytes); }

// What follows the head.
std::string samples_of(std::string_view bytes) {
  const std::string text = text_of(bytes);
  const auto first = text.find("\nsample");
  return first == std::string::npos ? text : text.substr(first + 1);
}

TEST(Folded, ReadsRootFirstAndCountLast) {
  EXPECT_EQ(text_of("main;serve;read 12\n"),
            "kind: folded stacks\ntypes: samples/count\nlines: read 1, kept 1\nsample 12\n  read\n  serve\n  main\n");
}

TEST(Folded, TakesTabsCarriageReturnsAndComments) {
  EXPECT_EQ(samples_of("# head\na;b\t3\r\n\r\na;c  4"), "sample 3\n  b\n  a\nsample 4\n  c\n  a\n");
}

TEST(Folded, TwoCountsOnEveryLineAreBeforeAndAfter) {
  EXPECT_THAT(text_of("a;b 3 7\na;c 0 2\n"), HasSubstr("types: before/count after/count"));
  EXPECT_EQ(samples_of("a;b 3 7\na;c 1\n"), "sample 7\n  b 3\n  a\nsample 1\n  c\n  a\n");
}

TEST(Folded, RoundsFractionsAndSaysSo) {
  EXPECT_THAT(text_of("a;b 5.5\na;c 2.0\n"),
              HasSubstr("lines: read 2, kept 2\ncounts rounded to whole numbers: read 1, kept 1\nsample 6\n"));
}

TEST(Folded, LowersWhatExceeds64BitsAndSaysSo) {
  EXPECT_THAT(text_of("a;b 18446744073709551616\n"),
              HasSubstr("counts lowered to 2^63 - 1: read 1, kept 1\nsample 9223372036854775807\n"));
}

TEST(Folded, SkipsAndCountsLinesWithoutAUsableCount) {
  EXPECT_THAT(text_of("a;b 1\na;b -5\na;b 1e3\na;b\n7\n"),
              HasSubstr("lines: read 5, kept 1, skipped 1 (a negative count), skipped 3 (no count at its end)\n"));
  EXPECT_THAT(text_of("nothing\nat all\n"), HasSubstr("none of the 2 lines is a folded stack"));
}

TEST(Folded, EmptyFramesGetANameAndTrailingSeparatorsDoNot) {
  EXPECT_EQ(samples_of(";a 1\na;;b 2\na;b; 4\n"),
            "sample 1\n  a\n  [unknown]\nsample 2\n  b\n  [unknown]\n  a\nsample 4\n  b\n  a\n");
}

TEST(Folded, InlinedFramesShareTheLocationOfTheirCaller) {
  EXPECT_EQ(samples_of("main;work;step_[i];add_[i] 40\n"), "sample 40\n  add\n  ^ step\n  ^ work\n  main\n");
  EXPECT_EQ(samples_of("first_[i];b 1\n"), "sample 1\n  b\n  first\n") << "nothing to be inlined into";
}

TEST(Folded, UndoesTheEscapeOfSemicolons) {
  EXPECT_EQ(samples_of("main.F[struct { a int\\x3b b int }];leaf 1\n"),
            "sample 1\n  leaf\n  main.F[struct { a int; b int }]\n");
}

TEST(Folded, IsSeenByItsSeparatorsAndCounts) {
  EXPECT_EQ(kFolded.sniff("main;a;b 12\nmain;a 3\n"), Match::Certain);
  EXPECT_EQ(kFolded.sniff("# comment\nmain;a;b\t12\r\nmain 3\r\n"), Match::Certain);
  EXPECT_EQ(kFolded.sniff("main 12\nidle 3\nmain;a 3\n"), Match::Maybe);
}

TEST(Folded, IsNotSeenInOtherTexts) {
  for (const char* text : {"", "panic: boom 3\n\ngoroutine 1 [running]:\nmain.main()\n\t/src/main.go:4 +0x1d\n",
                           "goroutine profile: total 3\n1 @ 0x1 0x2\n", "heap profile: 1: 2 [3: 4] @ heap/1048576\n",
                           "--- mutex:\ncycles/second=2445412868\nsampling period=1\n", "200 OK 15\n404 not found 3\n",
                           "gc 1 @0.1s 2%: 1+2+3 ms clock, 4 P\n", "key; value 3\nother; thing 4\n"})
    EXPECT_EQ(kFolded.sniff(text), Match::No) << text;
}

}  // namespace
}  // namespace gopsy::decode
