#include "analyze/pprof/graph.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "analyze/pprof/aggregate.h"
#include "analyze/pprof/trim.h"
#include "base/format.h"
#include "decode/pprof/pprof.h"
#include "support/profile_builder.h"

namespace gopsy::pprof {
namespace {

using test::ProfileBytes;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

using Lines = std::vector<std::string>;

class CallGraph : public testing::Test {
 protected:
  void read(const ProfileBytes& bytes, const char* granularity = "functions") {
    auto evidence = decode::kPprof.decode(bytes.str(), symbols);
    ASSERT_TRUE(evidence) << message(evidence.error());
    profile = *std::move(evidence->profile);
    Config config;
    config.granularity = granularity;
    ASSERT_TRUE(aggregate(profile, config));
  }

  static ProfileBytes samples() {
    ProfileBytes p;
    return p.type("samples", "count").mapping("/srv/shop");
  }

  Graph graph(const GraphOptions& options = {}) {
    return make_graph(profile, Places(profile, options.object_names, symbols), options, nullptr, symbols);
  }

  // The same without the frames of some functions.
  Graph graph_without(const Lines& names) {
    const Places places(profile, false, symbols);
    std::vector<bool> kept;
    for (const NodeInfo& info : places.infos())
      kept.push_back(std::ranges::find(names, printable_name(info, symbols)) == names.end());
    return make_graph(profile, places, {}, &kept, symbols);
  }

  [[nodiscard]] std::string name(const Graph& g, NodeIndex node) const { return printable_name(g.info(node), symbols); }

  // "main 2 of 5": each node with its own weight and that with all it calls, in the order of the graph.
  [[nodiscard]] Lines nodes(const Graph& g) const {
    Lines lines;
    for (const NodeIndex n : g.order)
      lines.push_back(fmt::format("{} {} of {}", name(g, n), g.nodes[n].flat_value(), g.nodes[n].cum_value()));
    return lines;
  }

  // "main > f 5 inlined residual".
  [[nodiscard]] Lines edges(const Graph& g) const {
    Lines lines;
    for (const NodeIndex n : g.order) {
      for (const EdgeIndex e : g.nodes[n].out) {
        const Edge& edge = g.edges[e];
        lines.push_back(fmt::format("{} > {} {}{}{}", name(g, edge.from), name(g, edge.to), edge.value(),
                                    edge.inlined ? " inlined" : "", edge.residual ? " residual" : ""));
      }
    }
    return lines;
  }

  model::Symbols symbols;
  model::Profile profile;
};

TEST_F(CallGraph, AddsUpWhatPassesThroughEachFunctionAndCall) {
  read(samples().sample({"leaf", "a", "main"}, {1}).sample({"leaf", "b", "main"}, {2}).sample({"main"}, {4}));
  const Graph g = graph();
  EXPECT_THAT(nodes(g), UnorderedElementsAre("main 4 of 7", "a 0 of 1", "b 0 of 2", "leaf 3 of 3"));
  EXPECT_THAT(edges(g), UnorderedElementsAre("main > a 1", "main > b 2", "a > leaf 1", "b > leaf 2"));
}

TEST_F(CallGraph, CountsARecursionOnce) {
  read(samples().sample({"f", "f", "f", "main"}, {5}));
  const Graph g = graph();
  EXPECT_THAT(nodes(g), UnorderedElementsAre("main 0 of 5", "f 5 of 5"));
  EXPECT_THAT(edges(g), ElementsAre("main > f 5")) << "nothing calls itself";
}

TEST_F(CallGraph, CountsACallOnceInASample) {
  read(samples().sample({"b", "a", "b", "a", "main"}, {5}).sample({"b", "a"}, {1}));
  const Graph g = graph();
  EXPECT_THAT(nodes(g), UnorderedElementsAre("main 0 of 5", "a 0 of 6", "b 6 of 6"));
  EXPECT_THAT(edges(g), UnorderedElementsAre("main > a 5", "a > b 6", "b > a 5"));
}

TEST_F(CallGraph, InlinedLinesAreCallsOfTheirOwn) {
  read(samples().sample({"in|mid|out", "main"}, {3}));
  const Graph g = graph();
  EXPECT_THAT(nodes(g), UnorderedElementsAre("main 0 of 3", "out 0 of 3", "mid 0 of 3", "in 3 of 3"));
  EXPECT_THAT(edges(g), UnorderedElementsAre("main > out 3", "out > mid 3 inlined", "mid > in 3 inlined"));
}

TEST_F(CallGraph, ACallIsInlinedIfItAlwaysIs) {
  read(samples().sample({"in|out"}, {1}).sample({"in", "out"}, {2}));
  EXPECT_THAT(edges(graph()), ElementsAre("out > in 3"));
  read(samples().sample({"in|out"}, {1}).sample({"in|out", "main"}, {2}));
  EXPECT_THAT(edges(graph()), UnorderedElementsAre("out > in 3 inlined", "main > out 2"));
}

TEST_F(CallGraph, WithoutInlinedLinesTheirCallerHasTheWeight) {
  auto evidence = decode::kPprof.decode(samples().sample({"in|out", "main"}, {1}).str(), symbols);
  profile = *std::move(evidence->profile);
  Config config;
  config.noinlines = true;
  ASSERT_TRUE(aggregate(profile, config));
  EXPECT_THAT(nodes(graph()), UnorderedElementsAre("out 1 of 1", "main 0 of 1"));
}

TEST_F(CallGraph, GranularityDecidesWhatIsOneNode) {
  const auto bytes = samples().sample({"shop.A", "shop.B|shop.A"}, {1}).sample({"shop.B"}, {2});
  const auto names = [&](const char* granularity) {
    read(bytes, granularity);
    return nodes(graph());
  };
  EXPECT_THAT(names("functions"), UnorderedElementsAre("shop.A 1 of 1", "shop.B 2 of 3"));
  EXPECT_THAT(names("files"), UnorderedElementsAre("/src/shop.go 3 of 3"));
  EXPECT_THAT(names("filefunctions"), UnorderedElementsAre("shop.A /src/shop.go 1 of 1", "shop.B /src/shop.go 2 of 3"));
  EXPECT_THAT(names("lines"), UnorderedElementsAre("shop.A /src/shop.go:10 1 of 1", "shop.A /src/shop.go:11 0 of 1",
                                                   "shop.B /src/shop.go:10 2 of 3"));
  EXPECT_EQ(names("addresses").size(), 4);
  Config unknown;
  unknown.granularity = "packages";
  EXPECT_FALSE(aggregate(profile, unknown));
}

TEST_F(CallGraph, LocationsWithoutLinesAreTheirBinaryOrUnknown) {
  auto p = samples().sample({"main"}, {1});
  p.message(4, test::WireWriter().varint(1, 900).varint(2, 1).varint(3, 0x400100));
  p.message(4, test::WireWriter().varint(1, 901).varint(3, 0x9));
  p.message(2, test::WireWriter().varint(1, 900).varint(2, 2))
      .message(2, test::WireWriter().varint(1, 901).varint(2, 3));
  read(p);
  EXPECT_THAT(nodes(graph()), UnorderedElementsAre("main 1 of 1", "[shop] 2 of 2", "<unknown> 3 of 3"));
  read(p, "addresses");
  EXPECT_THAT(nodes(graph()), testing::Contains("0000000000400100 [shop] 2 of 2"));
}

TEST_F(CallGraph, LeavesOutWhatWeighsNothing) {
  read(samples().sample({"zero", "main"}, {0}).sample({"up", "main"}, {3}).sample({"down", "up", "main"}, {-3}));
  const Graph g = graph();
  EXPECT_THAT(nodes(g), UnorderedElementsAre("up 3 of 0", "down -3 of -3")) << "main has neither";
}

TEST_F(CallGraph, DropsWhatIsNegativeIfAsked) {
  read(samples().sample({"up"}, {3}).sample({"down", "below"}, {-3}).sample({"up", "below"}, {1}));
  EXPECT_THAT(nodes(graph({.drop_negative = true})), UnorderedElementsAre("up 4 of 4"));
  EXPECT_THAT(nodes(graph()), UnorderedElementsAre("up 4 of 4", "down -3 of -3", "below 0 of -2"));
}

TEST_F(CallGraph, MeansDivideByTheFirstColumn) {
  ProfileBytes p;
  p.type("contentions", "count").type("delay", "ns");
  p.sample({"a", "main"}, {2, 100}).sample({"b", "main"}, {3, 50}).sample({"none", "main"}, {5, 0});
  read(p);
  const GraphOptions options{.column = 1, .mean = true};
  const Graph g = graph(options);
  EXPECT_THAT(nodes(g), UnorderedElementsAre("a 50 of 50", "b 16 of 16", "main 0 of 15"));
  EXPECT_THAT(edges(g), testing::IsSupersetOf({"main > a 50", "main > b 16"}));
}

TEST_F(CallGraph, SumsWrapAsInGo) {
  read(samples().sample({"f"}, {INT64_MAX}).sample({"f"}, {INT64_MAX}));
  EXPECT_THAT(nodes(graph()), ElementsAre("f -2 of -2"));
}

TEST_F(CallGraph, FramesLeftOutLeaveResidualEdges) {
  read(samples().sample({"leaf", "x", "y", "a", "main"}, {3}).sample({"leaf", "main"}, {1}));
  const Graph g = graph_without({"x", "y"});
  EXPECT_THAT(nodes(g), UnorderedElementsAre("main 0 of 4", "a 0 of 3", "leaf 4 of 4"));
  EXPECT_THAT(edges(g), UnorderedElementsAre("main > a 3", "a > leaf 3 residual", "main > leaf 1"));
}

TEST_F(CallGraph, ACallIsResidualIfItOnceWentOverAFrame) {
  read(samples().sample({"leaf", "x", "a"}, {1}).sample({"leaf", "a"}, {2}));
  EXPECT_THAT(edges(graph_without({"x"})), ElementsAre("a > leaf 3 residual"));
}

TEST_F(CallGraph, NobodyHasTheOwnWeightOfALeafLeftOut) {
  read(samples().sample({"leaf", "a"}, {3}).sample({"leaf"}, {1}).sample({"in|out", "a"}, {5}));
  EXPECT_THAT(nodes(graph_without({"leaf", "in"})), UnorderedElementsAre("a 0 of 8", "out 0 of 5"));
}

TEST_F(CallGraph, FramesLeftOutInsideALocation) {
  read(samples().sample({"in|mid|out", "main"}, {3}));
  EXPECT_THAT(edges(graph_without({"mid"})), UnorderedElementsAre("main > out 3", "out > in 3 inlined residual"));
  EXPECT_THAT(edges(graph_without({"out"})),
              UnorderedElementsAre("main > mid 3 inlined residual", "mid > in 3 inlined"));
  EXPECT_THAT(edges(graph_without({"main"})), UnorderedElementsAre("out > mid 3 inlined", "mid > in 3 inlined"));
}

TEST_F(CallGraph, AreDistinctByPathInACallTree) {
  read(samples().sample({"leaf", "a", "main"}, {1}).sample({"leaf", "b", "main"}, {2}).sample({"b", "main"}, {4}));
  const Graph g = graph({.call_tree = true});
  EXPECT_THAT(nodes(g), UnorderedElementsAre("main 0 of 7", "a 0 of 1", "leaf 1 of 1", "b 4 of 6", "leaf 2 of 2"));
  EXPECT_THAT(edges(g), UnorderedElementsAre("main > a 1", "main > b 6", "a > leaf 1", "b > leaf 2"));
}

TEST_F(CallGraph, RepeatsTheWeightOfARecursionInACallTree) {
  read(samples().sample({"f", "f", "f"}, {5}).sample({"f", "f"}, {1}));
  const Graph g = graph({.call_tree = true});
  EXPECT_THAT(nodes(g), UnorderedElementsAre("f 0 of 6", "f 1 of 6", "f 5 of 5"));
  EXPECT_THAT(edges(g), UnorderedElementsAre("f > f 6", "f > f 5"));
}

TEST_F(CallGraph, KeepsLabelsOnlyIfAsked) {
  read(samples()
           .sample({"f", "main"}, {1}, {{"user", "blue"}, {"zone", "eu"}}, {{"bytes", 64}, {"depth", 9}})
           .sample({"f", "main"}, {2}, {}, {{"bytes", 64}}));
  EXPECT_THAT(graph().tags, IsEmpty());
  GraphOptions options{.detail = Detail::Labels, .number_key = symbols.strings.find("bytes"), .number_unit = "bytes"};
  options.format_number = [](std::int64_t value) { return fmt::format("<{}>", value); };
  const Graph g = graph(options);
  const auto main = *std::ranges::find_if(g.order, [&](NodeIndex n) { return name(g, n) == "main"; });
  const NodeTags& tags = g.tags[main];
  ASSERT_EQ(tags.labels.size(), 1);
  EXPECT_EQ(tags.labels.at("user:blue\\nzone:eu").cum, 1);
  EXPECT_EQ(tags.labels.at("user:blue\\nzone:eu").flat, 0);
  ASSERT_EQ(tags.numbers.size(), 2) << "by the labels beside them";
  EXPECT_EQ(tags.numbers.at("").at("<64>").cum, 2);
  EXPECT_EQ(tags.numbers.at("user:blue\\nzone:eu").at("<64>").value, 64);
}

class TrimmedGraph : public CallGraph {
 protected:
  Trimmed trimmed(const Trim& trim, const GraphOptions& options = {}) {
    return trimmed_graph(profile, options, trim, symbols);
  }
};

TEST_F(TrimmedGraph, DropsNodesBelowAFractionOfTheSum) {
  read(samples()
           .sample({"leaf", "light", "main"}, {10})
           .sample({"leaf", "lighter", "main"}, {9})
           .sample({"main"}, {81}));
  const Trimmed t = trimmed({.node_fraction = 0.1});
  EXPECT_EQ(t.dropped_nodes, 1);
  EXPECT_EQ(t.original, 3);
  EXPECT_THAT(nodes(t.graph), ElementsAre("main 81 of 100", "leaf 19 of 19", "light 0 of 10"));
  EXPECT_THAT(edges(t.graph), UnorderedElementsAre("main > light 10", "light > leaf 10", "main > leaf 9 residual"));
}

TEST_F(TrimmedGraph, KeepsTheFirstNodesAndMakesTheGraphAgain) {
  read(samples().sample({"a", "x", "main"}, {5}).sample({"b", "x", "main"}, {3}).sample({"main"}, {4}));
  const Trimmed t = trimmed({.node_count = 2});
  EXPECT_EQ(t.original, 4);
  EXPECT_EQ(t.dropped_nodes, 0) << "these are not too light, but too many";
  EXPECT_THAT(nodes(t.graph), ElementsAre("a 5 of 5", "main 4 of 12"));
  EXPECT_THAT(edges(t.graph), ElementsAre("main > a 5 residual"));
}

TEST_F(TrimmedGraph, DropsEdgesBelowAFractionOfTheSum) {
  read(samples().sample({"a", "main"}, {90}).sample({"b", "main"}, {6}).sample({"b", "a", "main"}, {4}));
  const Trimmed t = trimmed({.edge_fraction = 0.05});
  EXPECT_EQ(t.dropped_edges, 1);
  EXPECT_THAT(edges(t.graph), UnorderedElementsAre("main > a 94", "main > b 6"));
}

TEST_F(TrimmedGraph, CutsByAbsoluteValues) {
  read(samples().sample({"down"}, {-50}).sample({"up"}, {60}).sample({"little"}, {-1}));
  EXPECT_THAT(nodes(trimmed({.node_fraction = 0.5}).graph), ElementsAre("up 60 of 60", "down -50 of -50"))
      << "the sum is 9";
}

TEST_F(TrimmedGraph, OrdersByOwnWeightOrByAll) {
  read(samples().sample({"b", "main"}, {3}).sample({"a", "main"}, {3}).sample({"c", "mid", "main"}, {-4}));
  EXPECT_THAT(nodes(trimmed({}).graph),
              ElementsAre("c -4 of -4", "a 3 of 3", "b 3 of 3", "main 0 of 2", "mid 0 of -4"));
  EXPECT_THAT(nodes(trimmed({.by_cum = true}).graph),
              ElementsAre("c -4 of -4", "mid 0 of -4", "a 3 of 3", "b 3 of 3", "main 0 of 2"));
}

TEST_F(TrimmedGraph, HangsTheChildrenOfATreesLightNodesHigher) {
  read(samples().sample({"in|light|main"}, {4}).sample({"leaf", "light"}, {4}).sample({"main"}, {92}));
  // The tree's two nodes of light have four each; so have their children, which stay only by the order.
  const Trimmed t = trimmed({.node_count = 3, .by_cum = true}, {.call_tree = true});
  EXPECT_THAT(nodes(t.graph), ElementsAre("main 92 of 96", "in 4 of 4", "leaf 4 of 4"));
  EXPECT_THAT(edges(t.graph), ElementsAre("main > in 4 inlined residual")) << "and leaf is a root now";
}

TEST_F(TrimmedGraph, DrawnHasNoResidualEdgeBesideAPathThatSaysTheSame) {
  read(samples()
           .sample({"leaf", "x", "main"}, {1})
           .sample({"leaf", "a", "main"}, {50})
           .sample({"leaf", "a", "main"}, {49}));
  const Lines both{"a > leaf 99", "main > a 99", "main > leaf 1 residual"};
  EXPECT_THAT(edges(trimmed({.node_fraction = 0.02}).graph), testing::UnorderedElementsAreArray(both));
  EXPECT_THAT(edges(trimmed({.node_fraction = 0.02, .drawn = true}).graph),
              UnorderedElementsAre("a > leaf 99", "main > a 99"));
}

TEST_F(TrimmedGraph, SortsEdgesByWeightThenByNames) {
  read(samples().sample({"leaf", "b"}, {3}).sample({"leaf", "a"}, {3}).sample({"leaf", "c"}, {-5}));
  const Graph g = trimmed({}).graph;
  const auto leaf = *std::ranges::find_if(g.order, [&](NodeIndex n) { return name(g, n) == "leaf"; });
  std::vector<EdgeIndex> in = g.nodes[leaf].in;
  EdgeOrder(g, symbols).sort(in);
  Lines callers;
  for (const EdgeIndex e : in) callers.push_back(name(g, g.edges[e].from));
  EXPECT_THAT(callers, ElementsAre("c", "a", "b"));
}

}  // namespace
}  // namespace gopsy::pprof
