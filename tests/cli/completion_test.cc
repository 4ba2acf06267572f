#include "cli/pprof/completion.h"

#include <gmock/gmock.h>

namespace gopsy::pprof {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

cli::Completion completed(std::string_view line) {
  const auto functions = [](std::string_view part) {
    std::vector<std::string> names;
    for (const char* name : {"main.read", "main.readAll", "main.write", "os.write"})
      if (std::string_view(name).contains(part)) names.emplace_back(name);
    return names;
  };
  return complete(line, {"samples", "cpu"}, functions);
}

TEST(Completion, TheFirstWordIsACommandASettingOrASampleType) {
  EXPECT_EQ(completed("pee").line, "peek");
  EXPECT_EQ(completed("nodec").line, "nodecount");
  EXPECT_EQ(completed("total_c").line, "total_cpu");
  EXPECT_EQ(completed("  qu").line, "  quit");
  EXPECT_EQ(completed("help pee").line, "help peek");
  EXPECT_EQ(completed("zzz").line, "zzz");
}

TEST(Completion, WhatIsNotSettledGoesAsFarAsItIsAndIsShown) {
  const auto tag = completed("tag");
  EXPECT_EQ(tag.line, "tag");
  EXPECT_THAT(tag.choices, Contains("tagfocus"));
  const auto nodes = completed("nodef");
  EXPECT_EQ(nodes.line, "nodefraction");
  EXPECT_THAT(nodes.choices, IsEmpty());
  EXPECT_EQ(completed("intel").line, "intel_syntax");
}

TEST(Completion, ValuesOfSettings) {
  EXPECT_EQ(completed("sample_index=c").line, "sample_index=cpu");
  EXPECT_EQ(completed("call_tree=t").line, "call_tree=true");
  EXPECT_EQ(completed("granularity=li").line, "granularity=lines");
  EXPECT_EQ(completed("focus=x").line, "focus=x");
}

TEST(Completion, OtherWordsAreFunctionsThatContainThem) {
  EXPECT_EQ(completed("top readA").line, "top main.readAll");
  EXPECT_EQ(completed("top 10 -readA").line, "top 10 -main.readAll");
  EXPECT_EQ(completed("peek main.r").line, "peek main.read");
  EXPECT_THAT(completed("peek write").choices, ElementsAre("main.write", "os.write"));
  EXPECT_EQ(completed("peek ").choices.size(), 0);
  EXPECT_EQ(completed("tags readA").line, "tags readA");
  EXPECT_EQ(completed("nothing readA").line, "nothing readA");
}

}  // namespace
}  // namespace gopsy::pprof
