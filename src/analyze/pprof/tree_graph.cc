#include "analyze/pprof/graph_builders.h"
#include "base/pair_table.h"

namespace gopsy::pprof {
namespace {

class TreeBuilder {
 public:
  TreeBuilder(const model::Profile& profile, const Places& places, const GraphOptions& options,
              const model::Symbols& symbols)
      : profile_(profile), places_(places), options_(options), tags_(profile, options, symbols) {
    graph_.infos = places.infos();
  }

  Graph build() {
    for (std::size_t i = 0; i < profile_.sample_count(); ++i) {
      const auto weight = weight_of(profile_, options_, i);
      if (!weight) continue;
      if (options_.detail == Detail::Labels) tags_.read(i);
      add_path(profile_.stack(i), *weight);
    }
    return std::move(graph_);
  }

 private:
  // A node has one edge to it, which is numbered like the node.
  void add_path(model::Profile::Stack stack, Weight weight) {
    NodeIndex parent = kNobody;
    for (std::size_t i = stack.size(); i-- > 0;) {
      const auto places = places_.of(stack[i]);
      for (std::size_t line = places.size(); line-- > 0;) {
        const auto [number, is_new] = numbers_.number(parent + 1, places[line]);
        const NodeIndex node = number - 1;
        if (is_new) make_node(parent, places[line]);
        weight.add_to(graph_.nodes[node].cum, graph_.nodes[node].cum_div);
        if (options_.detail == Detail::Labels) tags_.add_cum(graph_.tags[node], weight);
        Edge& edge = graph_.edges[node];
        weight.add_to(edge.weight, edge.weight_div);
        edge.inlined &= line + 1 != places.size();
        parent = node;
      }
    }
    if (parent == kNobody) return;
    weight.add_to(graph_.nodes[parent].flat, graph_.nodes[parent].flat_div);
    if (options_.detail == Detail::Labels) tags_.add_flat(graph_.tags[parent], weight);
  }

  void make_node(NodeIndex parent, std::uint32_t place) {
    const auto node = static_cast<NodeIndex>(graph_.nodes.size());
    const std::uint32_t function = functions_.number(parent + 1, places_.function(place)).number;
    graph_.nodes.push_back({.info = place, .function = function});
    graph_.edges.push_back({.from = parent, .to = node, .inlined = true});
    if (options_.detail == Detail::Labels) graph_.tags.emplace_back();
  }

  const model::Profile& profile_;
  const Places& places_;
  const GraphOptions& options_;
  SampleTags tags_;
  Graph graph_;
  PairTable numbers_;
  PairTable functions_;
};

}  // namespace

Graph tree_graph(const model::Profile& profile, const Places& places, const GraphOptions& options,
                 const model::Symbols& symbols) {
  return TreeBuilder(profile, places, options, symbols).build();
}

}  // namespace gopsy::pprof
