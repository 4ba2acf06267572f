#include "analyze/filter.h"

#include <gtest/gtest.h>

#include "support/stacks_of_text.h"

namespace gopsy::analyze {
namespace {

// What google/pprof FilterSamplesByName leaves of these stacks.
constexpr std::string_view kStacks =
    "main.main@/src/main.go;http.Serve@/go/http.go;~json.inlined@/go/json.go;malloc@/go/malloc.go 1\n"
    "main.main@/src/main.go;db.Query@/mod/db.go 2\n"
    "gc@/go/malloc.go 4\n";

FlameGraph filtered(const StackFilter& filter, model::Symbols& symbols) {
  auto graph = flame_graph(test::stacks_of_text(kStacks, symbols), {.filter = filter}, symbols);
  EXPECT_TRUE(graph);
  return graph ? *std::move(graph) : FlameGraph{};
}

std::string left(const StackFilter& filter) {
  model::Symbols symbols;
  return test::outline(filtered(filter, symbols), symbols);
}

TEST(StackFilter, FocusKeepsWholeStacksWithAMatchingFrame) {
  EXPECT_EQ(left({.focus = "db"}), "all 2/0\n main.main 2/0\n  db.Query 2/2\n");
}

TEST(StackFilter, FileNamesMatchToo) {
  EXPECT_EQ(left({.focus = "/mod/"}), left({.focus = "db.Query"}));
  EXPECT_EQ(left({.ignore = "malloc.go"}), left({.focus = "db"}));
}

TEST(StackFilter, IgnoreWinsOverFocus) {
  EXPECT_EQ(left({.focus = "main.main", .ignore = "http"}), "all 2/0\n main.main 2/0\n  db.Query 2/2\n");
}

TEST(StackFilter, HideTakesSingleFramesOutAndStacksThatBecomeEmpty) {
  EXPECT_EQ(left({.hide = "malloc|http"}),
            "all 3/0\n"
            " main.main 3/0\n"
            "  db.Query 2/2\n"
            "  ~json.inlined 1/1\n");
}

TEST(StackFilter, ShowKeepsOnlyMatchingFramesInlinedOnesAlone) {
  EXPECT_EQ(left({.show = "json"}), "all 1/0\n ~json.inlined 1/1\n");
}

TEST(StackFilter, FocusLooksAtFramesThatHideTakesOut) {
  EXPECT_EQ(left({.focus = "db", .hide = "db"}), "all 2/0\n main.main 2/2\n");
}

TEST(StackFilter, MatchesAnywhereAndMindsCase) {
  EXPECT_EQ(left({.focus = "query"}), "all 0/0\n");
  EXPECT_EQ(left({.focus = "uer"}), left({.focus = "db"}));
}

TEST(StackFilter, CountsWhatItDropped) {
  model::Symbols symbols;
  const auto graph = filtered({.focus = "main", .hide = "main|db"}, symbols);
  EXPECT_EQ(graph.filtered, 2U);
  EXPECT_EQ(graph.stacks, 1U);
}

TEST(StackFilter, SaysWhichExpressionIsBroken) {
  model::Symbols symbols;
  const WeightedStacks none;
  const auto hide = flame_graph(none, {.filter = {.focus = "ok", .hide = "("}}, symbols);
  ASSERT_FALSE(hide);
  EXPECT_EQ(hide.error().code, Errc::Usage);
  EXPECT_EQ(hide.error().a, 2U);
}

}  // namespace
}  // namespace gopsy::analyze
