#include <algorithm>
#include <cmath>

#include "analyze/pprof/measurement.h"
#include "analyze/pprof/paths.h"
#include "base/format.h"
#include "base/text.h"
#include "render/pprof/nodelets.h"
#include "render/pprof/report.h"
#include "render/pprof/short_names.h"

namespace gopsy::pprof {
namespace {

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
}

// Quotes and backslashes for Graphviz; a line's end becomes its left-justified one.
std::string escaped(std::string text) {
  replace_all(text, "\\", "\\\\");
  replace_all(text, "\"", "\\\"");
  replace_all(text, "\n", "\\l");
  return text;
}

// Green below zero, grey at it, red above; pale for a background.
std::string color_of(double score, bool background) {
  constexpr double kShift = 0.7;  // how far small scores move away from grey
  constexpr double kGrey = 0.2;   // below it colours fade, or they would look yellow
  double saturation = background ? 0.1 : 1.0;
  const double value = background ? 0.93 : 0.7;
  score = std::isnan(score) ? score : std::clamp(score, -1.0, 1.0);
  if (std::abs(score) < kGrey) saturation *= std::abs(score) / kGrey;
  if (score > 0) score = std::pow(score, 1.0 - kShift);
  if (score < 0) score = -std::pow(-score, 1.0 - kShift);
  const double red = score < 0 ? value * (1 + saturation * score) : value;
  const double green = score < 0 ? value : value * (1 - saturation * score);
  const double blue = value * (1 - saturation);
  const auto byte = [](double part) { return std::isnan(part) ? 0U : static_cast<unsigned>(part * 255.0) & 0xFFU; };
  return fmt::format("#{:02x}{:02x}{:02x}", byte(red), byte(green), byte(blue));
}

class Dot {
 public:
  Dot(const Report& report, const Trimmed& trimmed)
      : report_(report), trimmed_(trimmed), graph_(trimmed.graph), ids_(graph_.nodes.size()) {
    for (const NodeIndex n : graph_.order) {
      ids_[n] = ++count_;
      most_flat_ = std::max(most_flat_, static_cast<double>(absolute(graph_.nodes[n].flat_value())));
    }
  }

  std::string write() {
    out_ = fmt::format("digraph \"{}\" {{\n", report_.title.empty() ? "unnamed" : report_.title);
    out_ += "node [style=filled fillcolor=\"#f8f8f8\"]\n";
    legend();
    std::vector<EdgeIndex> edges;
    std::vector<bool> has_nodelets(graph_.nodes.size());
    for (const NodeIndex n : graph_.order) {
      node(n);
      const std::string boxes = nodelets(report_, graph_, n, ids_[n]);
      out_ += boxes;
      has_nodelets[n] = !boxes.empty();
      edges.insert(edges.end(), graph_.nodes[n].out.begin(), graph_.nodes[n].out.end());
    }
    // Heavy edges first: Graphviz takes the order as a hint.
    EdgeOrder(graph_, report_.symbols).sort(edges);
    for (const EdgeIndex e : edges) edge(graph_.edges[e], has_nodelets[graph_.edges[e].from]);
    out_ += "}\n";
    return std::move(out_);
  }

 private:
  void legend() {
    std::vector<std::string> labels = report_labels(report_, trimmed_, true);
    const std::string title = escaped(labels[0]);
    for (std::string& label : labels) label = escaped(std::move(label));
    out_ +=
        fmt::format("subgraph cluster_L {{ \"{}\" [shape=box fontsize=16 label=\"{}\\l\"", title, join(labels, "\\l"));
    if (!report_.title.empty()) out_ += fmt::format(" tooltip=\"{}\"", report_.title);
    out_ += "] }\n";
  }

  // The short name over several lines, then the values.
  [[nodiscard]] std::string lines_of(const NodeInfo& info) const {
    std::string name = escaped(shortened_name(report_.symbols.text(info.name)));
    replace_all(name, "::", "\\n");
    replace_all(name, "[...]", "[\u2026]");
    replace_all(name, ".", "\\n");
    std::vector<std::string> parts = name_components(info, report_.symbols);
    std::size_t at = info.address != 0 ? 1 : 0;
    if (info.name) {
      if (name.empty()) {
        parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(at));
      } else {
        parts[at++] = name;
      }
    }
    if (info.file) {
      const std::string_view file = base_name(report_.symbols.text(info.file));
      std::string& part = parts[at];
      part = std::string(file) + part.substr(report_.symbols.text(info.file).size());
    }
    return join(parts, "\\n") + "\\n";
  }

  void node(NodeIndex n) {
    const Node& node = graph_.nodes[n];
    const std::int64_t flat = node.flat_value();
    const std::int64_t cum = node.cum_value();
    const auto share = [&](std::int64_t v) { return std::string(trim(report_.percent(v))); };
    std::string label = lines_of(graph_.info(n));
    std::string cum_text = report_.value(flat);
    label += flat == 0 ? "0" : fmt::format("{} ({})", cum_text, share(flat));
    if (cum != flat) {
      cum_text = report_.value(cum);
      label += fmt::format("{}of {} ({})", flat == 0 ? " " : "\\n", cum_text, share(cum));
    }
    // Letters grow with the root of the share, so that differences between the small ones are seen.
    int font = 8;
    const auto magnitude = static_cast<double>(absolute(flat));
    if (most_flat_ != 0 && flat != 0 && magnitude <= most_flat_)
      font += static_cast<int>(std::ceil(16.0 * std::sqrt(magnitude / most_flat_)));
    const double score = static_cast<double>(cum) / static_cast<double>(absolute(report_.total));
    out_ += fmt::format(
        "N{0} [label=\"{1}\" id=\"node{0}\" fontsize={2} shape=box tooltip=\"{3} ({4})\" color=\"{5}\" "
        "fillcolor=\"{6}\"]\n",
        ids_[n], label, font, escaped(printable_name(graph_.info(n), report_.symbols)), cum_text,
        color_of(score, false), color_of(score, true));
  }

  void edge(const Edge& edge, bool after_nodelets) {
    const std::int64_t value = edge.value();
    const std::string weight = report_.value(value);
    std::string attributes = fmt::format("label=\" {}{}\"", weight, edge.inlined ? "\\n (inline)" : "");
    if (report_.total != 0) {
      const auto part = [&](std::int64_t steps) {
        const auto scaled =
            static_cast<std::int64_t>(static_cast<std::uint64_t>(value) * static_cast<std::uint64_t>(steps));
        return 1 + std::min(absolute(wrapping_divide(scaled, report_.total)), steps);
      };
      if (part(100) > 1) attributes += fmt::format(" weight={}", part(100));
      if (part(5) > 1) attributes += fmt::format(" penwidth={}", part(5));
      attributes += fmt::format(
          " color=\"{}\"", color_of(static_cast<double>(value) / static_cast<double>(absolute(report_.total)), false));
    }
    const auto name = [&](NodeIndex n) { return escaped(printable_name(graph_.info(n), report_.symbols)); };
    const std::string tooltip =
        fmt::format("\"{} {} {} ({})\"", name(edge.from), edge.residual ? "..." : "->", name(edge.to), weight);
    attributes += fmt::format(" tooltip={0} labeltooltip={0}", tooltip);
    if (edge.residual) attributes += " style=\"dotted\"";
    if (after_nodelets) attributes += " minlen=2";
    out_ += fmt::format("N{} -> N{} [{}]\n", ids_[edge.from], ids_[edge.to], attributes);
  }

  const Report& report_;
  const Trimmed& trimmed_;
  const Graph& graph_;
  std::vector<std::size_t> ids_;
  std::size_t count_ = 0;
  double most_flat_ = 0;
  std::string out_;
};

std::expected<std::string, std::string> write_dot(Report& report) {
  const Trimmed trimmed = graph_of(report, Detail::Labels);
  return Dot(report, trimmed).write();
}

}  // namespace

constinit const Format kDot{.name = "dot", .drawn = true, .write = write_dot};

}  // namespace gopsy::pprof
