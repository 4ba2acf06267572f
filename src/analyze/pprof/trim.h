#pragma once

#include <cstddef>
#include <vector>

#include "analyze/pprof/graph.h"

namespace gopsy::pprof {

/// How much of a graph to show.
struct Trim {
  std::size_t node_count = 0;  ///< 0 = all
  double node_fraction = 0;
  double edge_fraction = 0;
  bool by_cum = false;
  bool drawn = false;  ///< for a picture: order by entropy, labels count as nodes, redundant edges go
};

struct Trimmed {
  Graph graph;
  std::size_t original = 0;  ///< nodes before the count was limited
  std::size_t dropped_nodes = 0;
  std::size_t dropped_edges = 0;
};

/// The graph of a profile without its light nodes and edges. Sums of what stays are exact: the graph is made again
/// from the samples, not cut.
/// Source  internal/report/report.go newTrimmedGraph; reference/pprof.md section 3, "Trim".
Trimmed trimmed_graph(const model::Profile& profile, const GraphOptions& options, const Trim& trim,
                      model::Symbols& symbols);

/// Sorts lists of edges by weight, then by the names of caller and callee. Names are compared once, for all lists.
class EdgeOrder {
 public:
  EdgeOrder(const Graph& graph, const model::Symbols& symbols);
  void sort(std::vector<EdgeIndex>& edges) const;

 private:
  const Graph& graph_;
  std::vector<std::uint32_t> ranks_;  // of the printable names, by info
};

/// Tags by weight, flat or cumulative first, then name.
std::vector<const Tag*> sorted_tags(std::vector<const Tag*> tags, bool flat);

constexpr std::size_t kMostNodelets = 4;

/// Sorts `graph.order` as a flat, cumulative or drawn report lists its nodes.
enum class NodeOrder : std::uint8_t { Flat, Cum, Entropy };
void sort_nodes(Graph& graph, NodeOrder order, const model::Symbols& symbols);

}  // namespace gopsy::pprof
