#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "base/format.h"
#include "base/pair_table.h"
#include "base/text.h"
#include "base/units.h"
#include "render/profile/diff_report.h"
#include "render/svg/layout.h"
#include "render/svg/xml.h"

namespace gopsy::render {
namespace {

using analyze::ProfileDiff;

constexpr double kWidth = 1200;
constexpr double kMargin = 12;
constexpr double kChartWidth = kWidth - 2 * kMargin;
constexpr unsigned kRow = 18;
constexpr unsigned kTop = 70;
constexpr double kNarrowest = 0.5;
constexpr double kCharacter = 7;
constexpr std::uint32_t kMostDepth = 250;
constexpr std::string_view kStyle =
    "text{font:12px ui-monospace,monospace;fill:#1b1b1b}.t{font-size:17px;font-weight:600}.u{fill:#555}"
    ".b{fill:#fff}rect{stroke:#fff;stroke-width:.5}.s{fill:#e4e4e4}.g1{fill:#fbd9d3}.g2{fill:#f4a898}.g3{fill:#e5705c}"
    ".l1{fill:#d5e4f7}.l2{fill:#9cc3ee}.l3{fill:#5b98db}"
    "@media(prefers-color-scheme:dark){.b{fill:#16181c}rect{stroke:#16181c}.t,.u{fill:#d5d5d5}}";

class Drawing {
 public:
  explicit Drawing(const DiffDocument& document)
      : document_(document), diff_(document.diff), unit_(document.symbols.text(document.diff.unit)) {
    grow_tree();
    place();
  }

  std::string draw() {
    std::uint32_t deepest = 0;
    for (const Node& node : nodes_)
      if (is_drawn(node)) deepest = std::max(deepest, node.depth);
    const unsigned height = kTop + (deepest + 1) * kRow + 12;
    const std::string title =
        fmt::format("{}: {} to {}", document_.symbols.text(diff_.type), document_.before, document_.after);
    fmt::format_to(std::back_inserter(out_),
                   "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} {1}\" "
                   "role=\"img\"><title>{2}</title><style>{3}</style>\n<rect class=\"b\" width=\"100%\" "
                   "height=\"100%\"/>\n<text class=\"t\" x=\"{4}\" y=\"27\">{2}</text>\n",
                   kWidth, height, xml_text(shorten(title, 120)), kStyle, kMargin);
    fmt::format_to(
        std::back_inserter(out_),
        "<text class=\"u\" x=\"{}\" y=\"50\">{} · red grew, blue shrank; a frame is as wide as the larger of "
        "its two sides, so what is gone is still there</text>\n",
        kMargin, xml_text(figures(nodes_[0])));
    for (const Node& node : nodes_)
      if (is_drawn(node)) box(node);
    return out_ + "</svg>\n";
  }

 private:
  struct Node {
    std::uint32_t parent = 0;
    StringId name;
    std::uint32_t depth = 0;
    double before = 0;
    double after = 0;
    double weight = 0;
    double x = 0;
  };

  void grow_tree() {
    PairTable table;
    nodes_.resize(1);
    for (const auto& stack : diff_.stacks) {
      std::uint32_t at = 0;
      for (std::uint32_t i = 0; i < stack.depth; ++i) {
        const StringId name = diff_.frames[stack.first + i];
        const auto [number, is_new] = table.number(at, name.value);
        if (is_new) nodes_.push_back({.parent = at, .name = name, .depth = nodes_[at].depth + 1});
        at = number;
      }
      const auto before = static_cast<double>(stack.before);
      const auto after = static_cast<double>(stack.after);
      nodes_[at].before += before;
      nodes_[at].after += after;
      nodes_[at].weight += std::max(std::abs(before), std::abs(after));
    }
    // Children have higher numbers than their parents.
    for (std::size_t n = nodes_.size(); n-- > 1;) {
      Node& parent = nodes_[nodes_[n].parent];
      parent.before += nodes_[n].before;
      parent.after += nodes_[n].after;
      parent.weight += nodes_[n].weight;
    }
  }

  // Siblings by name, from the left edge of their parent, which is placed before them.
  void place() {
    std::vector<std::uint32_t> order(nodes_.size() - 1);
    std::iota(order.begin(), order.end(), 1u);
    std::ranges::sort(order, [&](std::uint32_t a, std::uint32_t b) {
      if (nodes_[a].parent != nodes_[b].parent) return nodes_[a].parent < nodes_[b].parent;
      return document_.symbols.text(nodes_[a].name) < document_.symbols.text(nodes_[b].name);
    });
    std::uint32_t parent = UINT32_MAX;
    double x = 0;
    for (const std::uint32_t n : order) {
      if (nodes_[n].parent != parent) x = nodes_[nodes_[n].parent].x;
      parent = nodes_[n].parent;
      nodes_[n].x = x;
      x += nodes_[n].weight;
    }
  }

  [[nodiscard]] double pixels(double weight) const {
    return nodes_[0].weight == 0 ? 0 : weight / nodes_[0].weight * kChartWidth;
  }
  [[nodiscard]] bool is_drawn(const Node& node) const {
    return pixels(node.weight) >= kNarrowest && node.depth <= kMostDepth;
  }

  [[nodiscard]] std::string amount(double value) const {
    const std::string text = human_value(std::llround(std::min(std::abs(value), 9e18)), unit_);
    return value < 0 ? '-' + text : text;
  }
  [[nodiscard]] std::string figures(const Node& node) const {
    const double change = node.after - node.before;
    std::string text =
        fmt::format("{} → {}, {}{}", amount(node.before), amount(node.after), change > 0 ? "+" : "", amount(change));
    if (nodes_[0].before != 0)
      text += fmt::format(", {:+.1f}% of the total before", change / std::abs(nodes_[0].before) * 100);
    return text;
  }

  // How strong the change is against the frame itself, in three steps.
  static std::string css(const Node& node) {
    const double change = node.after - node.before;
    const double ratio = node.weight == 0 ? 0 : std::abs(change) / node.weight;
    if (ratio < 0.01) return "s";
    return fmt::format("{}{}", change > 0 ? 'g' : 'l', ratio < 0.1 ? 1 : (ratio < 0.5 ? 2 : 3));
  }

  void box(const Node& node) {
    const double width = pixels(node.weight);
    const double x = kMargin + pixels(node.x);
    const unsigned y = kTop + node.depth * kRow;
    const std::string_view name = node.depth == 0 ? "all" : document_.symbols.text(node.name);
    fmt::format_to(
        std::back_inserter(out_),
        "<rect class=\"{}\" x=\"{:.2f}\" y=\"{}\" width=\"{:.2f}\" height=\"{}\"><title>{}\n{}</title></rect>",
        css(node), x, y, width, kRow - 1, xml_text(shorten(name, 300)), xml_text(figures(node)));
    const std::string label =
        width < 4 * kCharacter ? "" : fit_label(name, "", static_cast<std::size_t>((width - 8) / kCharacter));
    if (!label.empty())
      fmt::format_to(std::back_inserter(out_), "<text x=\"{:.2f}\" y=\"{}\">{}</text>", x + 4, y + 13, xml_text(label));
    out_ += '\n';
  }

  const DiffDocument& document_;
  const ProfileDiff& diff_;
  std::string_view unit_;
  std::vector<Node> nodes_;
  std::string out_;
};

}  // namespace

std::string diff_svg(const DiffDocument& document) { return Drawing(document).draw(); }

}  // namespace gopsy::render
