#include "analyze/diff.h"

#include <gtest/gtest.h>

#include <string>

#include "decode/pprof/pprof.h"
#include "render/profile/diff_report.h"
#include "render/renderer.h"
#include "support/golden.h"
#include "support/profile_builder.h"
#include "support/xml_check.h"

namespace gopsy::analyze {
namespace {

using test::ProfileBytes;

class Diff : public testing::Test {
 protected:
  model::Profile read(const ProfileBytes& bytes) {
    auto evidence = decode::kPprof.decode(bytes.str(), symbols);
    EXPECT_TRUE(evidence);
    return evidence ? *std::move(evidence->profile) : model::Profile{};
  }

  static ProfileBytes cpu(const char* unit = "nanoseconds") {
    ProfileBytes p;
    p.type("samples", "count").type("cpu", unit);
    return p;
  }

  ProfileDiff of(const ProfileBytes& before, const ProfileBytes& after, DiffOptions options = {}) {
    auto result = diff(read(before), read(after), options, symbols);
    EXPECT_TRUE(result) << message(result.error());
    return result ? *std::move(result) : ProfileDiff{};
  }

  model::Symbols symbols;
};

void expect_conserved(const ProfileDiff& d) {
  std::int64_t own = 0;
  std::int64_t stacks = 0;
  for (const auto& f : d.functions) own += f.after_own - f.before_own;
  for (const auto& s : d.stacks) stacks += s.after - s.before;
  EXPECT_EQ(own, d.after_total - d.before_total);
  EXPECT_EQ(stacks, d.after_total - d.before_total);
}

TEST_F(Diff, NewAndGoneStacksStandBesideThoseThatGrew) {
  const auto d = of(cpu().sample({"a", "main"}, {1, 100}).sample({"gone", "main"}, {1, 30}),
                    cpu().sample({"a", "main"}, {1, 150}).sample({"new", "main"}, {1, 5}));
  expect_conserved(d);
  EXPECT_EQ(d.before_total, 130);
  EXPECT_EQ(d.after_total, 155);
  ASSERT_EQ(d.stacks.size(), 3);
  EXPECT_EQ(d.stacks[0].after - d.stacks[0].before, 50);
  EXPECT_EQ(d.stacks[1].after, 0);
  EXPECT_EQ(d.stacks[2].before, 0);
  EXPECT_TRUE(test::matches_golden(
      "render/diff.txt",
      render::diff_text({.diff = d, .symbols = symbols, .before = "old.pb.gz", .after = "new.pb.gz", .most_rows = 2})));
  EXPECT_TRUE(test::matches_golden(
      "render/diff.json",
      render::diff_json({.diff = d, .symbols = symbols, .before = "old.pb.gz", .after = "new.pb.gz"})));
}

TEST_F(Diff, ThePictureShowsWhatIsGoneToo) {
  const auto d = of(cpu().sample({"a<b>", "main"}, {1, 100}).sample({"gone", "main"}, {1, 30}),
                    cpu().sample({"a<b>", "main"}, {1, 150}));
  const auto graph = flame_graph(stacks_of(d, symbols), {}, symbols);
  ASSERT_TRUE(graph);
  const auto draw = [&](std::string_view form) {
    std::string out;
    render::find_renderer(form)->flame(
        {.graph = *graph, .symbols = symbols, .title = "cpu: old to new & better", .subtitle = {}}, {}, out);
    return out;
  };
  const std::string svg = draw("svg");
  EXPECT_EQ(test::xml_problem(svg), "");
  EXPECT_TRUE(svg.contains(">gone</text>"));
  EXPECT_TRUE(svg.contains("<rect class=\"e6\"")) << "what is gone shrank strongly";
  EXPECT_TRUE(svg.contains("a&lt;b&gt;\n100 ns → 150 ns, +50 ns, +38.5% of the total before")) << svg.substr(0, 4000);
  EXPECT_TRUE(draw("html").contains(svg)) << "the page holds the very same drawing";
  EXPECT_EQ(draw("folded"), "main;a<b> 100 150\nmain;gone 30 0\n");
}

TEST_F(Diff, BothSidesOfEveryFrameAddUpToThoseOfItsCallees) {
  const auto d = of(cpu().sample({"a", "f", "f", "main"}, {1, 100}).sample({"b", "main"}, {1, 30}),
                    cpu().sample({"a", "f", "main"}, {1, 10}).sample({"main"}, {1, 7}));
  for (const bool reverse : {false, true}) {
    const auto graph = flame_graph(stacks_of(d, symbols), {.reverse = reverse}, symbols);
    ASSERT_TRUE(graph);
    ASSERT_EQ(graph->sides.size(), graph->nodes.size());
    EXPECT_EQ(graph->sides[0].before, d.before_total);
    EXPECT_EQ(graph->sides[0].after, d.after_total);
    EXPECT_TRUE(graph->hot_path.empty());
    for (std::uint32_t n = 0; n < graph->nodes.size(); ++n) {
      std::int64_t before = 0;
      for (std::uint32_t c = n + 1; c < graph->nodes[n].subtree_end; c = graph->nodes[c].subtree_end)
        before += graph->sides[c].before;
      EXPECT_LE(before, graph->sides[n].before) << n;
    }
  }
}

TEST_F(Diff, NamesOfTwoGoVersionsAreOneFunction) {
  const auto d =
      of(cpu().sample({"main.F[go.shape.int]", "main"}, {1, 10}), cpu().sample({"main.F[...]", "main"}, {1, 12}));
  ASSERT_EQ(d.stacks.size(), 1);
  EXPECT_EQ(d.stacks[0].before, 10);
  EXPECT_EQ(d.stacks[0].after, 12);
}

TEST_F(Diff, ARecursionCountsOnceInTheCostWithCallees) {
  const auto d = of(cpu().sample({"f", "f", "f"}, {1, 10}), cpu().sample({"f", "f"}, {1, 4}));
  ASSERT_EQ(d.functions.size(), 1);
  EXPECT_EQ(d.functions[0].before_all, 10);
  EXPECT_EQ(d.functions[0].after_all, 4);
  EXPECT_EQ(d.stacks.size(), 2);
  expect_conserved(d);
}

TEST_F(Diff, UnitsMeetInTheFinerOneWhicheverSideHasIt) {
  const auto ms = cpu("milliseconds").sample({"a"}, {1, 2});
  const auto us = cpu("microseconds").sample({"a"}, {1, 2500});
  EXPECT_EQ(of(ms, us).before_total, 2000);
  EXPECT_EQ(of(us, ms).after_total, 2000);
}

TEST_F(Diff, NormalizedTotalsAreEqualAndStillAddUp) {
  const auto d = of(cpu().sample({"a"}, {1, 60}).sample({"b"}, {1, 40}),
                    cpu().sample({"a"}, {1, 600}).sample({"b"}, {1, 1400}), {.normalize = true});
  EXPECT_DOUBLE_EQ(d.scale, 0.05);
  EXPECT_EQ(d.after_total, 100);
  EXPECT_EQ(d.functions[0].after_own - d.functions[0].before_own, -30);
  expect_conserved(d);
}

TEST_F(Diff, WhatTheEarlierSideDoesNotMeasureIsRefused) {
  ProfileBytes heap;
  heap.type("inuse_space", "bytes").sample({"a"}, {1});
  EXPECT_FALSE(diff(read(heap), read(cpu().sample({"a"}, {1, 1})), {}, symbols));
  EXPECT_FALSE(diff(read(heap), read(heap), {.sample_index = "cpu"}, symbols));
}

}  // namespace
}  // namespace gopsy::analyze
