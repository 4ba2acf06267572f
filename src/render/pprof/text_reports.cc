#include <algorithm>

#include "analyze/pprof/measurement.h"
#include "base/format.h"
#include "base/text.h"
#include "render/pprof/report.h"

namespace gopsy::pprof {
namespace {

using Written = std::expected<std::string, std::string>;

void add_lines(std::string& out, const std::vector<std::string>& lines) { out += join(lines, "\n") + "\n"; }

std::string_view inline_mark(const Graph& graph, const Node& node) {
  bool always = false;
  bool sometimes_not = false;
  for (const EdgeIndex e : node.in) (graph.edges[e].inlined ? always : sometimes_not) = true;
  if (!always) return "";
  return sometimes_not ? " (partial-inline)" : " (inline)";
}

Written write_comments(Report& report) {
  std::string out;
  for (const StringId comment : report.profile.comments) out += std::string(report.symbols.text(comment)) + "\n";
  return out;
}

// Only calls that were inlined leave a mark in a flat report: without any, no edge is needed.
Detail detail_of_text(const model::Profile& profile) {
  const bool inlined = std::ranges::any_of(profile.locations, [](const auto& l) { return l.line_count > 1; });
  return inlined ? Detail::Edges : Detail::Nodes;
}

Written write_top(Report& report) {
  const Trimmed trimmed = graph_of(report, detail_of_text(report.profile));
  const Graph& graph = trimmed.graph;
  std::string out;
  add_lines(out, report_labels(report, trimmed, false));
  out += fmt::format("{:>10} {:>5}% {:>5}% {:>10} {:>5}%\n", "flat", "flat", "sum", "cum", "cum");
  std::int64_t sum = 0;
  for (const NodeIndex n : graph.order) {
    const Node& node = graph.nodes[n];
    const std::int64_t flat = node.flat_value();
    const std::int64_t cum = node.cum_value();
    sum = wrapping_add(sum, flat);
    out += fmt::format("{:>10} {} {} {:>10} {}  {}{}\n", report.value(flat), report.percent(flat), report.percent(sum),
                       report.value(cum), report.percent(cum), printable_name(graph.info(n), report.symbols),
                       inline_mark(graph, node));
  }
  return out;
}

void add_edges(std::string& out, const Report& report, const Graph& graph, const EdgeOrder& order,
               std::vector<EdgeIndex> edges, bool in, std::int64_t cum) {
  order.sort(edges);
  for (const EdgeIndex e : edges) {
    const Edge& edge = graph.edges[e];
    out += fmt::format("{:>50} {} |   {}{}\n", report.value(edge.weight), percentage(edge.weight, cum),
                       printable_name(graph.info(in ? edge.from : edge.to), report.symbols),
                       edge.inlined ? " (inline)" : "");
  }
}

Written write_tree(Report& report) {
  constexpr std::string_view kSeparator = "----------------------------------------------------------+-------------\n";
  const Trimmed trimmed = graph_of(report, Detail::Edges);
  const Graph& graph = trimmed.graph;
  const EdgeOrder order(graph, report.symbols);
  std::string out;
  add_lines(out, report_labels(report, trimmed, false));
  out += kSeparator;
  out += "      flat  flat%   sum%        cum   cum%   calls calls% + context \t \t \n";
  std::int64_t sum = 0;
  bool any = false;
  for (const NodeIndex n : graph.order) {
    const Node& node = graph.nodes[n];
    const std::string name = printable_name(graph.info(n), report.symbols);
    if (report.symbol && !RE2::PartialMatch(name, *report.symbol)) continue;
    any = true;
    const std::int64_t flat = node.flat_value();
    const std::int64_t cum = node.cum_value();
    out += kSeparator;
    add_edges(out, report, graph, order, node.in, true, cum);
    sum = wrapping_add(sum, flat);
    out += fmt::format("{:>10} {} {} {:>10} {}                | {}\n", report.value(flat), report.percent(flat),
                       report.percent(sum), report.value(cum), report.percent(cum), name);
    add_edges(out, report, graph, order, node.out, false, cum);
  }
  if (!graph.order.empty()) out += kSeparator;
  if (report.symbol && !any) return std::unexpected("no matches found for regexp: " + report.symbol_text);
  return out;
}

// Go's text/tabwriter with right alignment and a padding of one: columns are as wide as the widest cell of a block of
// lines that all have the column.
struct TagLine {
  std::string left;
  std::string middle;
  std::string right;
};

void add_tag_lines(std::string& out, const std::vector<TagLine>& lines) {
  std::size_t left = 0;
  std::size_t middle = 0;
  const auto width = [](const std::string& text) {
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
  };
  for (const TagLine& line : lines) {
    left = std::max(left, width(line.left) + 1);
    if (!line.right.empty()) middle = std::max(middle, width(line.middle) + 1);
  }
  for (const TagLine& line : lines) {
    out.append(left - width(line.left), ' ') += line.left;
    if (line.right.empty()) {
      out += line.middle;
    } else {
      out.append(middle - width(line.middle), ' ') += line.middle;
      out += line.right;
    }
    out += '\n';
  }
}

Written write_tags(Report& report) {
  const model::Profile& profile = report.profile;
  std::map<std::string_view, std::map<std::string, Tag>> by_key;
  std::map<std::string_view, std::int64_t> totals;
  for (std::size_t s = 0; s < profile.sample_count(); ++s) {
    const std::int64_t value = report.sample_value(s);
    for (auto i = profile.label_start[s]; i < profile.label_start[s + 1]; ++i) {
      const auto& label = profile.labels[i];
      const std::string_view key = report.symbols.text(label.key);
      std::string text = label.text ? std::string(report.symbols.text(label.text))
                                    : scaled_label(label.number, report.label_units.of(label.key), report.unit);
      Tag& tag = by_key[key][text];
      tag.flat = wrapping_add(tag.flat, value);
      tag.name = std::move(text);
      totals[key] = wrapping_add(totals[key], value);
    }
  }
  std::string out;
  for (const auto& [key, values] : by_key) {
    std::vector<TagLine> lines;
    const std::string share = report.total > 0 ? " (" + report.percent(totals[key]) + ")" : std::string();
    lines.push_back(
        {.left = std::string(key) + ":",
         .middle = fmt::format(" Total {} of {}{}", report.value(totals[key]), report.value(report.total), share),
         .right = {}});
    std::vector<const Tag*> tags;
    for (const auto& [text, tag] : values) tags.push_back(&tag);
    for (const Tag* tag : sorted_tags(std::move(tags), true)) {
      const std::string percent = report.total > 0 ? " (" + report.percent(tag->flat) + ")" : std::string();
      lines.push_back({.left = " ", .middle = report.value(tag->flat) + percent + ":", .right = " " + tag->name});
    }
    add_tag_lines(out, lines);
    out += '\n';
  }
  return out;
}

}  // namespace

constinit const Format kComments{.name = "comments", .write = write_comments};
constinit const Format kTop{.name = "top", .write = write_top};
constinit const Format kTree{.name = "tree", .write = write_tree};
constinit const Format kPeek{.name = "peek", .write = write_tree};
constinit const Format kTags{.name = "tags", .write = write_tags};

}  // namespace gopsy::pprof
