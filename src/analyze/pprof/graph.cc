#include "analyze/pprof/graph.h"

#include <algorithm>

#include "analyze/pprof/graph_builders.h"
#include "analyze/pprof/measurement.h"

namespace gopsy::pprof {
namespace {

std::int64_t mean(std::int64_t value, std::int64_t divisor) {
  return divisor == 0 ? value : wrapping_divide(value, divisor);
}

// Hangs the edges into the lists of their ends, and takes the nodes that have a weight.
void connect(Graph& graph, bool drop_negative) {
  for (EdgeIndex i = 0; i < graph.edges.size(); ++i) {
    const Edge& edge = graph.edges[i];
    if (edge.from == kNobody) continue;
    graph.nodes[edge.from].out.push_back(i);
    graph.nodes[edge.to].in.push_back(i);
  }
  for (NodeIndex i = 0; i < graph.nodes.size(); ++i) {
    const Node& node = graph.nodes[i];
    if (node.cum == 0 && node.flat == 0) continue;
    const bool negative = node.flat < 0 || (node.flat == 0 && node.cum < 0);
    if (drop_negative && negative) continue;
    graph.order.push_back(i);
  }
}

}  // namespace

std::int64_t Tag::flat_value() const { return mean(flat, flat_div); }
std::int64_t Tag::cum_value() const { return mean(cum, cum_div); }
std::int64_t Edge::value() const { return mean(weight, weight_div); }
std::int64_t Node::flat_value() const { return mean(flat, flat_div); }
std::int64_t Node::cum_value() const { return mean(cum, cum_div); }

void Graph::remove(const std::vector<bool>& gone) {
  const auto is_gone = [&](EdgeIndex edge) { return gone[edge]; };
  for (Node& node : nodes) {
    std::erase_if(node.in, is_gone);
    std::erase_if(node.out, is_gone);
  }
}

Graph make_graph(const model::Profile& profile, const Places& places, const GraphOptions& options,
                 const std::vector<bool>* kept, const model::Symbols& symbols) {
  Graph graph = options.call_tree ? tree_graph(profile, places, options, symbols)
                                  : plain_graph(profile, places, options, kept, symbols);
  connect(graph, options.drop_negative);
  return graph;
}

}  // namespace gopsy::pprof
