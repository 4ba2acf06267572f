#include <algorithm>
#include <set>

#include "analyze/pprof/measurement.h"
#include "base/format.h"
#include "render/pprof/report.h"

namespace gopsy::pprof {
namespace {

constexpr std::int64_t kMargin = 5;  // lines around the first and the last with samples

struct Sums {
  std::int64_t flat = 0;
  std::int64_t cum = 0;

  void add(const Node& node) {
    flat = wrapping_add(flat, node.flat);
    cum = wrapping_add(cum, node.cum);
  }
};

// The lines of one function in one file, with what was measured on each.
struct Listing {
  std::int64_t first = 0;
  std::int64_t last = 0;
  std::map<std::int64_t, Sums> lines;
  Sums all;
};

Listing listing_of(const Graph& graph, const std::vector<NodeIndex>& nodes) {
  const auto begin_of = [&](NodeIndex n) {
    const NodeInfo& info = graph.info(n);
    return info.start_line != 0 ? info.start_line : info.line - kMargin;
  };
  Listing listing{.first = begin_of(nodes[0]), .last = graph.info(nodes[0]).line + kMargin};
  for (const NodeIndex n : nodes) {
    // As pprof: a function that makes the listing begin earlier does not make it end later.
    const std::int64_t begin = begin_of(n);
    const std::int64_t end = graph.info(n).line + kMargin;
    if (begin < listing.first) {
      listing.first = begin;
    } else {
      listing.last = std::max(listing.last, end);
    }
    listing.lines[graph.info(n).line].add(graph.nodes[n]);
    listing.all.add(graph.nodes[n]);
  }
  listing.first = std::max<std::int64_t>(listing.first, 1);
  return listing;
}

std::string value_or_dot(const Report& report, std::int64_t value) { return value == 0 ? "." : report.value(value); }

void add_lines(std::string& out, const Report& report, const Listing& listing, const std::vector<std::string>& source) {
  const auto end = static_cast<std::int64_t>(source.size());
  for (std::int64_t line = listing.first; line <= std::min(listing.last, end); ++line) {
    const auto found = listing.lines.find(line);
    const Sums sums = found == listing.lines.end() ? Sums{} : found->second;
    out += fmt::format("{:>10} {:>10} {:6}:{}\n", value_or_dot(report, sums.flat), value_or_dot(report, sums.cum), line,
                       source[static_cast<std::size_t>(line - 1)]);
  }
}

std::expected<std::string, std::string> write_list(Report& report) {
  report.node_count = 0;
  const Trimmed trimmed = unscaled_graph_of(report, Detail::Nodes);
  const Graph& graph = trimmed.graph;
  // By function, then by file, both in the order of their text; nodes without a file come under an empty one.
  std::map<std::string_view, std::map<std::string_view, std::vector<NodeIndex>>> functions;
  for (const NodeIndex n : graph.order) {
    const std::string_view name = report.symbols.text(graph.info(n).name);
    if (RE2::PartialMatch(name, *report.symbol)) functions[name][report.symbols.text(graph.info(n).file)].push_back(n);
  }
  if (functions.empty()) return std::unexpected("no matches found for regexp: " + report.symbol_text);
  std::string out = fmt::format("Total: {}\n", report.value(report.total));
  std::set<std::string_view> opened;
  for (const auto& [name, files] : functions) {
    if (files.size() == 1 && files.begin()->first.empty()) {
      out += fmt::format("No source information for {}\n", name);
      continue;
    }
    for (const auto& [file, nodes] : files) {
      if (file.empty()) continue;
      const Listing listing = listing_of(graph, nodes);
      out += fmt::format("ROUTINE ======================== {} in {}\n", name, file);
      out += fmt::format("{:>10} {:>10} (flat, cum) {} of Total\n", report.value(listing.all.flat),
                         report.value(listing.all.cum), report.percent(listing.all.cum));
      // A file is opened for its first line, and where no line is wanted nothing is known to be wrong with it.
      if (listing.first > listing.last && !opened.contains(file)) continue;
      opened.insert(file);
      const SourceText source = report.source(file);
      if (!source.error.empty()) {
        out += fmt::format(" Error: {}\n", source.error);
      } else {
        add_lines(out, report, listing, source.lines);
      }
    }
  }
  return out;
}

}  // namespace

constinit const Format kList{.name = "list", .object_names = true, .write = write_list};

}  // namespace gopsy::pprof
