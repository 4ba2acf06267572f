#include "analyze/flame_graph.h"

#include <gtest/gtest.h>

#include <limits>

#include "analyze/recursion.h"
#include "support/stacks_of_text.h"

namespace gopsy::analyze {
namespace {

using test::outline;
using test::stacks_of_text;

FlameGraph graph_of(std::string_view text, model::Symbols& symbols, const FlameOptions& options = {}) {
  auto graph = flame_graph(stacks_of_text(text, symbols), options, symbols);
  EXPECT_TRUE(graph);
  return graph ? *std::move(graph) : FlameGraph{};
}

std::string drawn(std::string_view text, const FlameOptions& options = {}) {
  model::Symbols symbols;
  return outline(graph_of(text, symbols, options), symbols);
}

TEST(FlameGraph, AFunctionIsOneBoxThoughASiblingSortsBetweenItsLines) {
  EXPECT_EQ(drawn("r;main.f 50\nr;main.f.func1 30\nr;main.f;g 20\n"),
            "all 100/0\n"
            " r 100/0\n"
            "  main.f 70/50\n"
            "   g 20/20\n"
            "  main.f.func1 30/30\n");
}

TEST(FlameGraph, ANameWithSemicolonsAndBlanksStaysOneFrame) {
  model::Symbols symbols;
  const StringId name = symbols.intern("main.(*List[go.shape.struct { main.a int; main.b int }]).Each");
  const auto graph = flame_graph(test::one_stack({symbols.frame({.function = name})}, 3), {}, symbols);
  ASSERT_TRUE(graph);
  ASSERT_EQ(graph->nodes.size(), 2U);
  EXPECT_EQ(symbols.frame(graph->nodes[1].frame).function, name);
}

TEST(FlameGraph, AnInlinedCallAndARealOneOfTheSameFunctionShareABox) {
  EXPECT_EQ(drawn("m;~f 1\nm;f 2\nm;~g 4\n"), "all 7/0\n m 7/0\n  f 3/3\n  ~g 4/4\n");
}

TEST(FlameGraph, AMarkerIsNeverMergedWithCodeOfTheSameName) {
  model::Symbols symbols;
  const StringId name = symbols.intern("[x]");
  WeightedStacks stacks{.weights = {1, 2}};
  stacks.stacks.push_back(stacks.push(0, symbols.frame({.function = name, .kind = model::FrameKind::Marker})));
  stacks.stacks.push_back(stacks.push(0, symbols.frame({.function = name})));
  const auto graph = flame_graph(stacks, {}, symbols);
  ASSERT_TRUE(graph);
  EXPECT_EQ(outline(*graph, symbols), "all 3/0\n [x] 2/2\n [x] 1/1\n");
}

TEST(FlameGraph, SubtreesEndWhereTheNextSiblingBegins) {
  model::Symbols symbols;
  const auto graph = graph_of("a;b;c 1\na;d 1\ne 1\n", symbols);
  std::vector<std::uint32_t> ends;
  for (const auto& node : graph.nodes) ends.push_back(node.subtree_end);
  EXPECT_EQ(ends, (std::vector<std::uint32_t>{6, 5, 4, 4, 5, 6}));
}

TEST(FlameGraph, ReversedTheLeavesAreTheRoots) {
  EXPECT_EQ(drawn("a;x 1\nb;x 2\n", {.reverse = true}), "all 3/0\n x 3/0\n  a 1/1\n  b 2/2\n");
}

TEST(FlameGraph, StacksWithoutWeightAreCountedNotDrawn) {
  model::Symbols symbols;
  const auto graph = graph_of("a 2\nb 0\nc -3\n", symbols);
  EXPECT_EQ(outline(graph, symbols), "all 2/0\n a 2/2\n");
  EXPECT_EQ(graph.stacks, 1U);
  EXPECT_EQ(graph.zero, 1U);
  EXPECT_EQ(graph.negative, 1U);
}

TEST(FlameGraph, SumsStayAtTheLimitOf64BitsAndSaySo) {
  model::Symbols symbols;
  const auto graph = graph_of("a 9223372036854775807\nb 5\n", symbols);
  EXPECT_TRUE(graph.saturated);
  EXPECT_EQ(graph.nodes[0].total, std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(graph.nodes[2].total, 5);
}

TEST(FlameGraph, EveryWeightIsInTheRootOnce) {
  std::uint64_t seed = 7;
  const auto next = [&seed] { return (seed = seed * 6364136223846793005ULL + 1442695040888963407ULL) >> 33; };
  std::string text;
  std::int64_t sum = 0;
  for (int i = 0; i < 2000; ++i) {
    const auto depth = 1 + next() % 30;
    for (std::uint64_t d = 0; d < depth; ++d) text += std::string(d == 0 ? "" : ";") + "f" + std::to_string(next() % 3);
    const auto weight = static_cast<std::int64_t>(next() % 100 + 1);
    text += " " + std::to_string(weight) + "\n";
    sum += weight;
  }
  for (const bool reverse : {false, true}) {
    for (const bool fold : {false, true}) {
      model::Symbols symbols;
      const auto graph = graph_of(text, symbols, {.reverse = reverse, .fold_cycles = fold});
      EXPECT_EQ(graph.nodes[0].total, sum);
      for (std::uint32_t n = 0; n < graph.nodes.size(); ++n) {
        std::int64_t total = graph.nodes[n].self;
        for (std::uint32_t c = n + 1; c < graph.nodes[n].subtree_end; c = graph.nodes[c].subtree_end) {
          EXPECT_EQ(graph.nodes[c].parent, n);
          total += graph.nodes[c].total;
        }
        EXPECT_EQ(total, graph.nodes[n].total);
      }
    }
  }
}

TEST(FlameGraphCycles, ARecursionIsOneBoxWithItsCount) {
  EXPECT_EQ(drawn("m;f;f;f;g 5\n"), "all 5/0\n m 5/0\n  f 5/0 ×3(1)\n   g 5/5\n");
}

TEST(FlameGraphCycles, MutualRecursionKeepsTheFramesOfOneTurnAndWhatIsLeftOver) {
  EXPECT_EQ(drawn("m;a;b;c;a;b;c;a 5\n"), "all 5/0\n m 5/0\n  a 5/0 ×2(3)\n   b 5/0\n    c 5/0\n     a 5/5\n");
}

TEST(FlameGraphCycles, StacksOfDifferentTurnsShareABoxThatSaysTheMost) {
  EXPECT_EQ(drawn("f;f;f;f 1\nf;f 2\nf;f;g 3\n"), "all 6/0\n f 6/3 ×4(1)\n  g 3/3\n");
}

TEST(FlameGraphCycles, AStackThatWasFilteredOutLeavesNoCount) {
  EXPECT_EQ(drawn("f;g 1\nf;f;f;drop 9\n", {.filter = {.ignore = "drop"}}), "all 1/0\n f 1/0\n  g 1/1\n");
}

TEST(FlameGraphCycles, AreLeftAloneOnRequest) {
  EXPECT_EQ(drawn("f;f 1\n", {.fold_cycles = false}), "all 1/0\n f 1/0\n  f 1/1\n");
}

TEST(FlameGraphCycles, OfOneStackAreThoseOfFindCycles) {
  for (std::uint32_t period = 1; period <= kLongestPeriod; ++period) {
    model::Symbols symbols;
    std::vector<std::uint32_t> keys;
    std::vector<model::FrameId> frames;
    for (std::uint32_t i = 0; i < period * 5 + period / 2; ++i) {
      keys.push_back(i % period);
      frames.push_back(symbols.frame({.function = symbols.intern(std::to_string(i % period))}));
    }
    const auto graph = flame_graph(test::one_stack(frames, 1), {}, symbols);
    const auto cycles = find_cycles(keys, 2);
    ASSERT_TRUE(graph);
    ASSERT_EQ(cycles.size(), 1U);
    EXPECT_EQ(graph->nodes[1].repeats, cycles[0].repeats);
    EXPECT_EQ(graph->nodes[1].period, cycles[0].period);
    EXPECT_EQ(graph->nodes.size() - 1, period + period / 2);
  }
}

TEST(FlameGraphLimits, AMillionFramesDeepIsFoldedOrDrawnWithoutRecursion) {
  model::Symbols symbols;
  const auto f = symbols.frame({.function = symbols.intern("main.f")});
  const WeightedStacks stacks = test::one_stack(std::vector(1'000'000, f), 1);
  const auto folded = flame_graph(stacks, {}, symbols);
  ASSERT_TRUE(folded);
  EXPECT_EQ(folded->nodes.size(), 2U);
  EXPECT_EQ(folded->nodes[1].repeats, 1'000'000U);
  const auto whole = flame_graph(stacks, {.fold_cycles = false}, symbols);
  ASSERT_TRUE(whole);
  EXPECT_EQ(whole->nodes.back().depth, 1'000'000U);
  const auto reversed = flame_graph(stacks, {.reverse = true}, symbols);
  ASSERT_TRUE(reversed);
  EXPECT_EQ(reversed->nodes.size(), 2U);
}

TEST(FlameGraphLimits, AHundredThousandSiblingsAreSortedByName) {
  model::Symbols symbols;
  WeightedStacks stacks;
  for (int i = 99'999; i >= 0; --i) {
    const std::string digits = std::to_string(i);
    const auto name = symbols.intern("f" + std::string(5 - digits.size(), '0') + digits);
    stacks.stacks.push_back(stacks.push(0, symbols.frame({.function = name})));
    stacks.weights.push_back(1);
  }
  const auto graph = flame_graph(stacks, {}, symbols);
  ASSERT_TRUE(graph);
  ASSERT_EQ(graph->nodes.size(), 100'001U);
  EXPECT_EQ(symbols.text(symbols.frame(graph->nodes[1].frame).function), "f00000");
  EXPECT_EQ(symbols.text(symbols.frame(graph->nodes[100'000].frame).function), "f99999");
}

TEST(FlameGraphHotPath, FollowsTheHeaviestCalleeUntilAFrameCostsMoreItself) {
  model::Symbols symbols;
  const auto graph = graph_of("m;a;x 30\nm;a 40\nm;b 20\n", symbols);
  ASSERT_EQ(graph.hot_path.size(), 2U);
  EXPECT_EQ(symbols.text(symbols.frame(graph.nodes[graph.hot_path.back()].frame).function), "a");
}

TEST(FlameGraphHotPath, EndsWhereTheCostScatters) {
  model::Symbols symbols;
  EXPECT_EQ(graph_of("m;a 2\nm;b 2\nm;c 2\nm;d 2\nm;e 3\n", symbols).hot_path.size(), 2U);
  EXPECT_EQ(graph_of("m;a 2\nm;b 2\nm;c 2\nm;d 2\nm;e 2\n", symbols).hot_path.size(), 1U);
}

TEST(FlameGraphHotPath, EndsBeforeATwentiethOfTheWhole) {
  model::Symbols symbols;
  std::string path;
  std::string text;
  for (int i = 0; i < 10; ++i) {
    const std::string level = std::to_string(i);
    text += path + "side" + level + " " + std::to_string((1 << (12 - i)) - 1) + "\n";
    path += "f" + level + ";";
  }
  text += path + "leaf 16\n";
  const auto graph = graph_of(text, symbols, {.fold_cycles = false});
  ASSERT_FALSE(graph.hot_path.empty());
  const auto& last = graph.nodes[graph.hot_path.back()];
  EXPECT_GE(last.total * 20, graph.nodes[0].total);
  EXPECT_LT(last.total * 20, graph.nodes[0].total * 3);
}

TEST(FlameGraphHotPath, OfNothingIsEmpty) { EXPECT_EQ(drawn(""), "all 0/0\n"); }

}  // namespace
}  // namespace gopsy::analyze
