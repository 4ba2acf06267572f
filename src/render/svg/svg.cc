#include "render/svg/svg.h"

#include <algorithm>
#include <map>
#include <unordered_map>

#include "base/format.h"
#include "base/text.h"
#include "base/units.h"
#include "render/svg/layout.h"
#include "render/svg/palette.h"
#include "render/svg/payload.h"
#include "render/svg/sides.h"
#include "render/svg/xml.h"
#include "ui/assets.h"

namespace gopsy::render {
namespace {

using analyze::FlameGraph;
using model::FrameKind;

constexpr unsigned kWidth = 1200;
constexpr unsigned kMargin = 10;
constexpr unsigned kChartWidth = kWidth - 2 * kMargin;
constexpr unsigned kChartTop = 80;
constexpr unsigned kRowHeight = 18;
constexpr double kCharacterWidth = 6.95;  // of the monospace fonts at 11.5 px
constexpr std::size_t kMostBytes = 396'000;
constexpr std::size_t kLeastDataBytes = 100'000;
constexpr std::uint32_t kPointable = 34;  // 4 px of 1,180, in hundredths of a percent
constexpr std::size_t kLongestTitle = 400;
constexpr std::size_t kTopFunctions = 10;

class Drawing {
 public:
  Drawing(const FlamePicture& picture, std::string& out)
      : graph_(picture.graph), symbols_(picture.symbols), picture_(picture), out_(out), layout_(lay_out(graph_)) {
    hot_.resize(graph_.nodes.size());
    for (const std::uint32_t n : graph_.hot_path) hot_[n] = true;
  }

  void draw() {
    const std::size_t begin = out_.size();
    const auto rows = static_cast<unsigned>(layout_.rows.size());
    const unsigned chart_height = rows * kRowHeight;
    const unsigned height = kChartTop + chart_height + 64;
    head(height);
    chart(chart_height);
    labels(chart_height);
    legend(kChartTop + chart_height + 22);
    const std::string_view script = ui::flame_svg_script();
    const std::size_t taken = out_.size() - begin + script.size() + 1000;
    const std::size_t left = kMostBytes > taken ? kMostBytes - taken : 0;
    const Payload payload = encode_payload(graph_, symbols_, std::max(left, kLeastDataBytes));
    notes(kChartTop + chart_height + 44, payload);
    out_ += R"(<script type="application/json" id="data">)" + xml_text(payload.json) + "</script>\n";
    out_ += "<script><![CDATA[";
    out_ += script;
    out_ += "]]></script>\n</svg>\n";
  }

 private:
  [[nodiscard]] double share(std::int64_t value) const {
    const std::int64_t whole = graph_.nodes[0].total;
    return whole == 0 ? 0 : static_cast<double>(value) / static_cast<double>(whole);
  }

  [[nodiscard]] std::string value(std::int64_t amount) const { return human_value(amount, symbols_.text(graph_.unit)); }

  [[nodiscard]] std::string_view name(std::uint32_t n) const {
    return n == 0 ? "all" : symbols_.text(symbols_.frame(graph_.nodes[n].frame).function);
  }

  [[nodiscard]] std::string folds(const FlameGraph::Node& node) const {
    return node.period == 0 ? "" : "×" + with_commas(node.repeats);
  }

  void head(unsigned height) {
    out_ += fmt::format(
        R"(<svg xmlns="http://www.w3.org/2000/svg" width="{0}" height="{1}" viewBox="0 0 {0} {1}" role="img" aria-labelledby="title desc">)"
        "\n",
        kWidth, height);
    const std::string title = picture_.title.empty() ? "Flame graph" : picture_.title;
    out_ +=
        fmt::format("<title id=\"title\">{}</title>\n<desc id=\"desc\">{}</desc>\n", xml_text(title), xml_text(top()));
    out_ += "<style>";
    out_ += stylesheet();
    out_ += R"x(</style>
<defs><pattern id="k" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect class="k2" width="6" height="6"/><path class="k1" d="M0 0V6" stroke-width="2"/></pattern></defs>
<rect class="b" width="100%" height="100%"/>
)x";
    out_ += fmt::format("<text class=\"t\" x=\"{}\" y=\"27\">{}</text>\n", kMargin, xml_text(shorten(title, 120)));
    out_ += fmt::format("<text class=\"u\" x=\"{}\" y=\"47\">{}</text>\n", kMargin, xml_text(shorten(summary(), 170)));
    if (!graph_.hot_path.empty()) {
      out_ += fmt::format(
          R"(<g id="hot"><rect class="h hf" x="{}" y="57" width="11" height="11" rx="2"/><text class="u" x="{}" y="67">{}</text></g>)"
          "\n",
          kMargin + 1, kMargin + 20, xml_text(hot_caption()));
    }
  }

  [[nodiscard]] bool compares() const { return !graph_.sides.empty(); }

  [[nodiscard]] std::string figures(std::uint32_t node) const {
    return figures_of_change(graph_.sides[node], graph_.sides[0].before, symbols_.text(graph_.unit));
  }

  [[nodiscard]] std::string summary() const {
    std::string text = compares() ? figures(0) : value(graph_.nodes[0].total);
    if (compares()) return picture_.subtitle.empty() ? text : fmt::format("{} · {}", picture_.subtitle, text);
    if (graph_.type && !text.ends_with(symbols_.text(graph_.type)))
      text += fmt::format(" {}", symbols_.text(graph_.type));
    text += fmt::format(" in {}", counted(graph_.stacks, "stack"));
    return picture_.subtitle.empty() ? text : fmt::format("{} · {}", picture_.subtitle, text);
  }

  [[nodiscard]] std::string hot_caption() const {
    const std::uint32_t last = graph_.hot_path.back();
    const std::string end =
        fmt::format("{}: {}", model::short_function(name(last)), percent(share(graph_.nodes[last].total)));
    std::string text;
    for (const std::uint32_t n : graph_.hot_path) {
      if (n == last) break;
      const std::string step = model::short_function(name(n)) + " › ";
      if (text.size() + step.size() + end.size() > 150) {
        text += "… › ";
        break;
      }
      text += step;
    }
    return "Hot path: " + text + shorten(end, 120);
  }

  // What the picture says, for those who cannot see it and for text search.
  [[nodiscard]] std::string top() const {
    if (compares()) return summary() + ". Frames that grew are red, those that shrank blue.";
    std::unordered_map<StringId, double> self;
    for (const auto& node : graph_.nodes)
      if (node.self != 0) self[node.frame ? symbols_.frame(node.frame).function : StringId{}] += share(node.self);
    std::vector<std::pair<StringId, double>> ranked(self.begin(), self.end());
    const std::size_t most = std::min(kTopFunctions, ranked.size());
    std::ranges::partial_sort(
        ranked, ranked.begin() + static_cast<std::ptrdiff_t>(most), [this](const auto& a, const auto& b) {
          return a.second != b.second ? a.second > b.second : symbols_.text(a.first) < symbols_.text(b.first);
        });
    std::string text = summary() + ". ";
    if (!graph_.hot_path.empty()) text += hot_caption() + ". ";
    if (most != 0) text += "Most own cost:";
    for (std::size_t i = 0; i < most; ++i) {
      const std::string_view function = symbols_.text(ranked[i].first);
      text += fmt::format("{} {} {}", i == 0 ? "" : ",", function.empty() ? "no frame" : function,
                          percent(ranked[i].second));
    }
    return text;
  }

  [[nodiscard]] std::string title_of(const Box& box) const {
    const std::string cost =
        compares() ? figures(box.node) : fmt::format("{}, {}", value(box.total), percent(share(box.total)));
    if (box.merged != 0 && compares()) return counted(box.merged, "narrow frame");
    if (box.merged != 0) return fmt::format("{}: {}", counted(box.merged, "narrow frame"), cost);
    const auto& node = graph_.nodes[box.node];
    std::string text = shorten(name(box.node), kLongestTitle);
    if (box.node != 0 && symbols_.frame(node.frame).kind == FrameKind::Inlined) text += " (inlined)";
    if (node.period > 1) text += fmt::format(" {} with the {} below", folds(node), counted(node.period - 1, "frame"));
    if (node.period == 1) text += " " + folds(node);
    text += "\n" + cost;
    if (!compares() && node.self != 0 && node.self != node.total) text += ", self " + value(node.self);
    return text;
  }

  void chart(unsigned height) {
    out_ += fmt::format("<svg id=\"f\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\">\n", kMargin, kChartTop,
                        kChartWidth, height);
    for (std::size_t row = 0; row < layout_.rows.size(); ++row) {
      out_ += fmt::format("<g transform=\"translate(0 {})\">", row * kRowHeight);
      for (const Box& box : layout_.rows[row]) {
        if (box.right - box.left >= kPointable)
          rectangle(box);
        else
          sliver(box, row);
      }
      out_ += "</g>\n";
    }
    for (const auto& [css, d] : slivers_) out_ += fmt::format("<path class=\"{}\" d=\"{}\"/>\n", css, d);
    out_ += "</svg>\n";
  }

  [[nodiscard]] std::string css_of(const Box& box) const {
    if (box.merged != 0) return "g";
    if (compares()) return css_of_change(graph_.sides[box.node], graph_.nodes[box.node].total);
    if (box.node == 0) return "a";
    const model::Frame& frame = symbols_.frame(graph_.nodes[box.node].frame);
    std::string css = css_class(frame, symbols_);
    // Dashes of narrow boxes would run together.
    if (frame.kind == FrameKind::Inlined) css += box.right - box.left > 100 ? " i" : " j";
    if (hot_[box.node]) css += " h";
    return css;
  }

  void rectangle(const Box& box) {
    // A gap that narrow boxes can do without: they would vanish in it.
    const std::uint32_t width = box.right - box.left;
    const std::uint32_t gap = width > 30 ? 5 : 0;
    out_ += fmt::format(R"(<rect class="{}" x="{}%" width="{}%" height="{}"{}><title>{}</title></rect>)", css_of(box),
                        hundredths(box.left), hundredths(width - gap), kRowHeight - 1, width > 60 ? R"( rx="2")" : "",
                        xml_text(title_of(box)));
  }

  // Boxes that are too narrow to point at have no title, and all of one colour are one path: a fifth of
  // the bytes, which the tree of the data layer can use.
  void sliver(const Box& box, std::size_t row) {
    const auto tenths = [](std::uint32_t edge) { return (edge * kChartWidth * 10 + kFullWidth / 2) / kFullWidth; };
    const std::uint32_t left = tenths(box.left);
    const std::uint32_t width = tenths(box.right) - left;
    slivers_[css_of(box)] += fmt::format("M{}.{} {}h{}.{}v{}h-{}.{}z", left / 10, left % 10, row * kRowHeight,
                                         width / 10, width % 10, kRowHeight - 1, width / 10, width % 10);
  }

  static std::string hundredths(std::uint32_t number) {
    if (number % 100 == 0) return fmt::format("{}", number / 100);
    return fmt::format("{}.{:02}", number / 100, number % 100);
  }

  void labels(unsigned height) {
    out_ += fmt::format("<svg id=\"l\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\">\n", kMargin + 4, kChartTop,
                        kChartWidth, height);
    for (std::size_t row = 0; row < layout_.rows.size(); ++row) {
      for (const Box& box : layout_.rows[row]) {
        if (box.merged != 0) continue;
        const double pixels = (box.right - box.left) * double{kChartWidth} / kFullWidth - 8;
        if (pixels < 3 * kCharacterWidth) continue;
        const std::string text = fit_label(name(box.node), folds(graph_.nodes[box.node]),
                                           static_cast<std::size_t>(pixels / kCharacterWidth));
        if (text.empty()) continue;
        out_ += fmt::format("<text x=\"{}%\" y=\"{}\">{}</text>\n", hundredths(box.left), row * kRowHeight + 13,
                            xml_text(text));
      }
    }
    out_ += "</svg>\n";
  }

  void legend(unsigned y) {
    out_ += fmt::format("<g id=\"legend\" transform=\"translate({} {})\">", kMargin, y);
    unsigned x = 0;
    const auto swatch = [&](std::string_view css, std::string_view title) {
      out_ += fmt::format(
          R"(<rect class="{}" x="{}" y="-9.5" width="14" height="11" rx="2"/><text class="u" x="{}">{}</text>)", css,
          x + 1, x + 21, title);
      x += 40 + static_cast<unsigned>(title.size() * 13 / 2);
    };
    if (compares()) {
      swatch("e3", "grew");
      swatch("e6", "shrank");
      swatch("e0", "as it was");
    }
    for (std::size_t i = 0; i < kTerritories && !compares(); ++i) {
      const Hue& hue = hue_of(static_cast<Territory>(i));
      swatch(std::string{hue.prefix, '0'}, hue.title);
    }
    if (!compares()) {
      swatch("p0 i", "inlined");
      swatch("h hf", "hot path");
    }
    swatch("g", "narrow frames, merged");
    out_ += "</g>\n";
  }

  void notes(unsigned y, const Payload& payload) {
    std::vector<std::string> parts{fmt::format("{}, {} wide enough to draw", counted(graph_.nodes.size() - 1, "frame"),
                                               with_commas(layout_.boxes == 0 ? 0 : layout_.boxes - 1))};
    if (compares()) parts.emplace_back("a frame is as wide as the larger of its sides, so what is gone is still there");
    if (payload.threshold != 0) {
      parts.push_back(
          fmt::format("zoom reaches the {} of at least {}", with_commas(payload.nodes - 1), value(payload.threshold)));
    }
    if (layout_.deeper_rows != 0)
      parts.push_back(fmt::format("{} below the last one drawn", counted(layout_.deeper_rows, "row")));
    if (graph_.truncated != 0)
      parts.push_back(fmt::format("{} cut by the collector", counted(graph_.truncated, "stack")));
    if (graph_.filtered != 0) parts.push_back(fmt::format("{} filtered out", counted(graph_.filtered, "stack")));
    if (graph_.negative != 0)
      parts.push_back(fmt::format("{} of negative weight left out", counted(graph_.negative, "stack")));
    if (graph_.saturated) parts.emplace_back("sums met the 64-bit limit");
    out_ += fmt::format("<text id=\"notes\" class=\"u\" x=\"{}\" y=\"{}\">{}</text>\n", kMargin, y,
                        xml_text(join(parts, " · ")));
  }

  const FlameGraph& graph_;
  const model::Symbols& symbols_;
  const FlamePicture& picture_;
  std::string& out_;
  Layout layout_;
  std::vector<bool> hot_;
  std::map<std::string, std::string> slivers_;
};

void flame(const FlamePicture& picture, const Style&, std::string& out) { Drawing(picture, out).draw(); }

}  // namespace

constinit const Renderer kSvg{
    .name = "svg",
    .extension = ".svg",
    .mime = "image/svg+xml",
    .summary = "interactive flame graph in one file, readable without scripts",
    .most_nodes = kMostDrawnNodes,
    .flame = flame,
};

}  // namespace gopsy::render
