#include "render/svg/svg.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "render/folded/folded.h"
#include "render/svg/layout.h"
#include "render/svg/palette.h"
#include "render/svg/payload.h"
#include "render/svg/xml.h"
#include "support/stacks_of_text.h"
#include "support/xml_check.h"

namespace gopsy::render {
namespace {

using analyze::FlameGraph;

FlameGraph graph_of(std::string_view text, model::Symbols& symbols, bool fold = true) {
  auto graph = analyze::flame_graph(test::stacks_of_text(text, symbols), {.fold_cycles = fold}, symbols);
  EXPECT_TRUE(graph);
  return graph ? *std::move(graph) : FlameGraph{};
}

std::string drawn(const Renderer& renderer, std::string_view text, bool fold = true) {
  model::Symbols symbols;
  const FlameGraph graph = graph_of(text, symbols, fold);
  std::string out;
  renderer.flame({.graph = graph, .symbols = symbols, .title = "cpu.pb.gz", .subtitle = "shop"}, {}, out);
  return out;
}

// Pseudo-random bytes: the same in every run.
class Bytes {
 public:
  std::uint64_t next() { return (seed_ = seed_ * 6364136223846793005ULL + 1442695040888963407ULL) >> 33; }
  std::string text(std::size_t length) {
    std::string out;
    while (out.size() < length) out += static_cast<char>(next());
    return out;
  }

 private:
  std::uint64_t seed_ = 11;
};

TEST(Svg, ShowsNamesCostsAndTheHotPathWithoutScripts) {
  const std::string svg = drawn(kSvg, "main.main;main.work 900\nmain.main;~main.tiny 100\n");
  EXPECT_EQ(test::xml_problem(svg), "");
  EXPECT_TRUE(svg.contains(">main.main</text>"));
  EXPECT_TRUE(svg.contains("<title>main.work\n900 ns, 90.0%</title>"));
  EXPECT_TRUE(svg.contains("<title>main.tiny (inlined)\n100 ns, 10.0%</title>"));
  EXPECT_TRUE(svg.contains("Hot path: main.main › main.work: 90.0%"));
  EXPECT_TRUE(svg.contains("Most own cost: main.work 90.0%, main.tiny 10.0%"));
}

TEST(Svg, MarksInlinedHotMarkerAndFoldedFrames) {
  const std::string svg = drawn(kSvg, "[truncated at 64];main.f;main.f;main.f 60\nmain.main;~main.tiny 40\n");
  EXPECT_TRUE(svg.contains("main.f ×3</text>"));
  EXPECT_TRUE(svg.contains(R"(<rect class="k0 h")"));
  EXPECT_TRUE(svg.contains(R"( i" x=)"));
}

TEST(Svg, IsTheSameBytesOnEveryRun) {
  constexpr std::string_view kText = "a.A;b.B;c.C 5\na.A;d.D 3\n~e.E;f.F 4\n";
  EXPECT_EQ(drawn(kSvg, kText), drawn(kSvg, kText));
}

TEST(Svg, IsValidXmlForAnyBytesInNames) {
  Bytes bytes;
  for (int round = 0; round < 50; ++round) {
    std::string text;
    for (int line = 0; line < 20; ++line) {
      std::string name = bytes.text(1 + bytes.next() % 40);
      std::ranges::replace(name, '\n', '<');
      text += name + ";]]>&<\"' " + std::to_string(1 + bytes.next() % 9) + "\n";
    }
    const std::string svg = drawn(kSvg, text);
    ASSERT_EQ(test::xml_problem(svg), "");
  }
}

TEST(Svg, OfNothingIsStillADrawing) { EXPECT_EQ(test::xml_problem(drawn(kSvg, "")), ""); }

TEST(Svg, StaysWithin400KilobytesForADeepAndWideTree) {
  Bytes bytes;
  std::string text;
  for (int stack = 0; stack < 20'000; ++stack) {
    for (int depth = 0; depth < 20; ++depth)
      text += "example.com/shop/pkg" + std::to_string(bytes.next() % (depth < 8 ? 3 : 400)) + ".(*T).F;";
    text += "leaf.F " + std::to_string(1 + bytes.next() % 50) + "\n";
  }
  const std::string svg = drawn(kSvg, text);
  EXPECT_LE(svg.size(), 400'000U);
  EXPECT_EQ(test::xml_problem(svg), "");
  EXPECT_TRUE(svg.contains("zoom reaches the "));
}

TEST(Svg, DrawsAMillionFramesOfDepthAsTheRowsThatFitAndSaysSo) {
  model::Symbols symbols;
  const auto f = symbols.frame({.function = symbols.intern("main.f")});
  const auto graph =
      analyze::flame_graph(test::one_stack(std::vector(1'000'000, f), 1), {.fold_cycles = false}, symbols);
  ASSERT_TRUE(graph);
  std::string svg;
  kSvg.flame({.graph = *graph, .symbols = symbols}, {}, svg);
  EXPECT_TRUE(svg.contains("999,751 rows below the last one drawn"));
  EXPECT_LE(svg.size(), 400'000U);
}

TEST(SvgLayout, MergesNarrowSiblingsSoThatNoWeightDisappears) {
  model::Symbols symbols;
  std::string text = "wide 100000\n";
  for (int i = 0; i < 100; ++i) text += "n" + std::to_string(i) + " 20\n";
  const Layout layout = lay_out(graph_of(text, symbols));
  ASSERT_EQ(layout.rows.size(), 2U);
  ASSERT_EQ(layout.rows[1].size(), 2U);
  EXPECT_EQ(layout.rows[1][0].merged, 100U);
  EXPECT_EQ(layout.rows[1][0].total, 2000);
}

TEST(SvgLayout, CoarsensUntilTheBoxesAreFewEnough) {
  model::Symbols symbols;
  std::string text;
  for (int i = 0; i < 300; ++i)
    for (int depth = 0; depth < 20; ++depth) text += "a" + std::to_string(i * 20 + depth) + (depth < 19 ? ";" : " 1\n");
  const Layout layout = lay_out(graph_of(text, symbols));
  EXPECT_LE(layout.boxes, kMostBoxes);
}

TEST(SvgLabel, IsTheLongestFormOfAGoNameThatFits) {
  constexpr std::string_view kName = "github.com/acme/shop/v2/store.(*DB[go.shape.int]).Get";
  EXPECT_EQ(fit_label(kName, "", 60), kName);
  EXPECT_EQ(fit_label(kName, "", 20), "store.(*DB).Get");
  EXPECT_EQ(fit_label(kName, "", 12), "(*DB).Get");
  EXPECT_EQ(fit_label(kName, "", 5), "Get");
  EXPECT_EQ(fit_label("main.(*T).Open.func1.2", "", 13), "Open.func1.2");
  EXPECT_EQ(fit_label("main.Marshal", "", 5), "Mars…");
  EXPECT_EQ(fit_label("main.Marshal", "×12", 9), "Mars… ×12");
  EXPECT_EQ(fit_label(kName, "", 2), "");
}

TEST(SvgPalette, TellsProgramModulesStandardLibraryAndRuntimeApart) {
  model::Symbols symbols;
  const auto territory = [&](std::string_view function, std::string_view file) {
    return territory_of({.function = symbols.intern(function), .file = symbols.intern(file)}, symbols);
  };
  EXPECT_EQ(territory("main.main", "/src/main.go"), Territory::Program);
  EXPECT_EQ(territory("github.com/acme/shop.F", "/src/shop/f.go"), Territory::Program);
  EXPECT_EQ(territory("github.com/x/y.F", "/go/pkg/mod/github.com/x/y@v1.2.0/f.go"), Territory::Module);
  EXPECT_EQ(territory("golang.org/x/net/http2.F", ""), Territory::Module);
  EXPECT_EQ(territory("net/http.(*conn).serve", "net/http/server.go"), Territory::Standard);
  EXPECT_EQ(territory("runtime.mallocgc", ""), Territory::Runtime);
  EXPECT_EQ(territory("libc.so.6+0x29d90", ""), Territory::Native);
  EXPECT_EQ(territory("start_thread", ""), Territory::Native);
}

TEST(SvgPayload, LeavesTheSmallestFramesOutWhenRoomIsShort) {
  model::Symbols symbols;
  std::string text;
  for (int i = 0; i < 30'000; ++i) text += "f" + std::to_string(i * 7919 % 30'011) + " " + std::to_string(i + 1) + "\n";
  const FlameGraph graph = graph_of(text, symbols);
  const Payload all = encode_payload(graph, symbols, 1'000'000);
  EXPECT_EQ(all.threshold, 0);
  EXPECT_EQ(all.nodes, graph.nodes.size());
  const Payload some = encode_payload(graph, symbols, 40'000);
  EXPECT_LE(some.json.size(), 40'200U);
  EXPECT_GT(some.threshold, 0);
}

TEST(Xml, ReplacesWhatXmlCannotHold) {
  EXPECT_EQ(xml_text("a\x01"
                     "b<c>&\"\xFF"),
            "a�b&lt;c&gt;&amp;&quot;�");
}

TEST(Folded, WritesRootFirstLinesSortedByName) {
  EXPECT_EQ(drawn(kFoldedText, "b;x 1\na;y 2\na;x 3\na 4\n"), "a 4\na;x 3\na;y 2\nb;x 1\n");
}

TEST(Folded, NeverSplitsANameAtItsOwnSemicolon) {
  model::Symbols symbols;
  const auto name = symbols.intern("main.F[struct { a int; b int }]");
  const auto graph = analyze::flame_graph(test::one_stack({symbols.frame({.function = name})}, 3), {}, symbols);
  std::string out;
  kFoldedText.flame({.graph = *graph, .symbols = symbols}, {}, out);
  EXPECT_EQ(out, "main.F[struct { a int: b int }] 3\n");
}

TEST(Folded, ReadsBackToTheSameText) {
  const std::string once = drawn(kFoldedText, "m;f;f;g 5\nm;h 1\n", /*fold=*/false);
  EXPECT_EQ(drawn(kFoldedText, once, /*fold=*/false), once);
}

}  // namespace
}  // namespace gopsy::render
