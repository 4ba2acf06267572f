#include <algorithm>
#include <cmath>
#include <string>

#include "analyze/pprof/measurement.h"
#include "analyze/pprof/trim.h"
#include "base/format.h"

namespace gopsy::pprof {
namespace {

double edge_entropy(const Graph& graph, const std::vector<EdgeIndex>& edges, std::int64_t self) {
  std::int64_t total = self;
  for (const EdgeIndex e : edges)
    if (graph.edges[e].weight > 0) total = wrapping_add(total, graph.edges[e].weight);
  if (total == 0) return 0;
  double score = 0;
  const auto count = [&](std::int64_t weight) {
    const double share = static_cast<double>(absolute(weight)) / static_cast<double>(total);
    score += -share * std::log2(share);
  };
  for (const EdgeIndex e : edges) count(graph.edges[e].weight);
  if (self > 0) count(self);
  return score;
}

// How much a node is worth in a picture: one that only passes on what comes in is worth little.
std::int64_t entropy_score(const Graph& graph, const Node& node) {
  double score = 0;
  score += node.in.empty() ? 1 : edge_entropy(graph, node.in, 0);
  score += node.out.empty() ? 1 : edge_entropy(graph, node.out, node.flat);
  return wrapping_add(truncated(score * static_cast<double>(node.cum)), node.flat);
}

// The last word between nodes of one name: their fields as Go prints a struct.
std::string field_text(const NodeInfo& info, const model::Symbols& symbols) {
  return fmt::format("{{{}  {} {} {} {} {} {}}}", symbols.text(info.name), info.address, symbols.text(info.file),
                     info.start_line, info.line, info.column, symbols.text(info.object_file));
}

struct Key {
  std::int64_t score = 0;
  std::int64_t second = 0;
  std::uint64_t address = 0;
  std::string name;
  NodeIndex node = 0;
};

}  // namespace

void sort_nodes(Graph& graph, NodeOrder order, const model::Symbols& symbols) {
  std::vector<Key> keys;
  keys.reserve(graph.order.size());
  for (const NodeIndex n : graph.order) {
    const Node& node = graph.nodes[n];
    Key key{.address = graph.info(n).address, .name = printable_name(graph.info(n), symbols), .node = n};
    key.score = order == NodeOrder::Flat ? node.flat : order == NodeOrder::Cum ? node.cum : entropy_score(graph, node);
    key.score = absolute(key.score);
    key.second = absolute(order == NodeOrder::Flat ? node.cum : node.flat);
    keys.push_back(std::move(key));
  }
  std::ranges::sort(keys, [&](const Key& a, const Key& b) {
    if (a.score != b.score) return a.score > b.score;
    if (a.address != 0 && b.address != 0 && a.address != b.address) return a.address < b.address;
    if (a.name != b.name) return a.name < b.name;
    if (a.second != b.second) return a.second > b.second;
    const std::string fields_a = field_text(graph.info(a.node), symbols);
    const std::string fields_b = field_text(graph.info(b.node), symbols);
    return fields_a != fields_b ? fields_a < fields_b : a.node < b.node;
  });
  for (std::size_t i = 0; i < keys.size(); ++i) graph.order[i] = keys[i].node;
}

EdgeOrder::EdgeOrder(const Graph& graph, const model::Symbols& symbols) : graph_(graph), ranks_(graph.infos.size()) {
  std::vector<std::pair<std::string, std::uint32_t>> names;
  names.reserve(graph.infos.size());
  for (std::uint32_t i = 0; i < graph.infos.size(); ++i) names.emplace_back(printable_name(graph.infos[i], symbols), i);
  std::ranges::sort(names);
  std::uint32_t rank = 0;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0 && names[i].first != names[i - 1].first) ++rank;
    ranks_[names[i].second] = rank;
  }
}

void EdgeOrder::sort(std::vector<EdgeIndex>& edges) const {
  const auto rank = [&](NodeIndex node) { return ranks_[graph_.nodes[node].info]; };
  std::ranges::sort(edges, [&](EdgeIndex a, EdgeIndex b) {
    const Edge& x = graph_.edges[a];
    const Edge& y = graph_.edges[b];
    if (absolute(x.weight) != absolute(y.weight)) return absolute(x.weight) > absolute(y.weight);
    if (rank(x.from) != rank(y.from)) return rank(x.from) < rank(y.from);
    if (rank(x.to) != rank(y.to)) return rank(x.to) < rank(y.to);
    return a < b;
  });
}

std::vector<const Tag*> sorted_tags(std::vector<const Tag*> tags, bool flat) {
  std::ranges::sort(tags, [&](const Tag* a, const Tag* b) {
    if (!flat && a->cum != b->cum && absolute(a->cum) != absolute(b->cum)) return absolute(a->cum) > absolute(b->cum);
    if (a->flat != b->flat && absolute(a->flat) != absolute(b->flat)) return absolute(a->flat) > absolute(b->flat);
    return a->name < b->name;
  });
  return tags;
}

}  // namespace gopsy::pprof
