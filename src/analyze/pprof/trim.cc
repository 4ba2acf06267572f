#include "analyze/pprof/trim.h"

#include <algorithm>
#include <cmath>

#include "analyze/pprof/measurement.h"

namespace gopsy::pprof {
namespace {

class Trimmer {
 public:
  Trimmer(const model::Profile& profile, const GraphOptions& options, const Trim& trim, model::Symbols& symbols)
      : profile_(profile),
        options_(options),
        trim_(trim),
        symbols_(symbols),
        places_(profile, options.object_names, symbols) {}

  Trimmed run() {
    // The sums of nodes say which of them the graph is made of. Labels wait for those: they cost more than all else.
    GraphOptions sums = options_;
    if (!options_.call_tree && options_.detail == Detail::Labels) sums.detail = Detail::Nodes;
    graph_ = make_graph(profile_, places_, sums, nullptr, symbols_);
    std::int64_t total = 0;
    for (const NodeIndex n : graph_.order) total = wrapping_add(total, graph_.nodes[n].flat);
    const std::int64_t node_cutoff = absolute(truncated(static_cast<double>(total) * trim_.node_fraction));
    const std::int64_t edge_cutoff = absolute(truncated(static_cast<double>(total) * trim_.edge_fraction));
    Trimmed trimmed;
    if (node_cutoff > 0) trimmed.dropped_nodes = drop_light_nodes(node_cutoff);
    if (sums.detail != options_.detail && trimmed.dropped_nodes == 0)
      graph_ = make_graph(profile_, places_, options_, nullptr, symbols_);
    trimmed.original = graph_.order.size();

    sort_nodes(graph_, order(), symbols_);
    if (trim_.node_count > 0) {
      // Light labels and edges go before the choice, which they would influence.
      drop_light_tags(node_cutoff);
      drop_light_edges(edge_cutoff);
      keep_top_nodes();
    }
    drop_light_tags(node_cutoff);
    trimmed.dropped_edges = drop_light_edges(edge_cutoff);
    if (trim_.drawn) drop_redundant_edges();
    trimmed.graph = std::move(graph_);
    return trimmed;
  }

 private:
  [[nodiscard]] NodeOrder order() const {
    return trim_.drawn ? NodeOrder::Entropy : trim_.by_cum ? NodeOrder::Cum : NodeOrder::Flat;
  }

  std::size_t drop_light_nodes(std::int64_t cutoff) {
    std::vector<NodeIndex> kept;
    for (const NodeIndex n : graph_.order)
      if (absolute(graph_.nodes[n].cum) >= cutoff) kept.push_back(n);
    const std::size_t dropped = graph_.order.size() - kept.size();
    if (dropped != 0) keep(kept);
    return dropped;
  }

  void keep_top_nodes() {
    std::size_t most = trim_.node_count;
    if (trim_.drawn) {
      std::size_t count = 0;
      for (std::size_t i = 0; i < graph_.order.size(); ++i) {
        count += std::min(flat_tags(graph_.order[i]), kMostNodelets) + 1;
        if (count >= most) {
          most = i + 1;
          break;
        }
      }
    }
    most = std::min(most, graph_.order.size());
    if (most == graph_.order.size()) return;
    keep({graph_.order.begin(), graph_.order.begin() + static_cast<std::ptrdiff_t>(most)});
    sort_nodes(graph_, order(), symbols_);
  }

  [[nodiscard]] std::size_t flat_tags(NodeIndex node) const {
    if (graph_.tags.empty()) return 0;
    std::size_t count = 0;
    const auto counted = [](const auto& entry) { return entry.second.flat != 0; };
    count += static_cast<std::size_t>(std::ranges::count_if(graph_.tags[node].labels, counted));
    for (const auto& [key, tags] : graph_.tags[node].numbers)
      count += static_cast<std::size_t>(std::ranges::count_if(tags, counted));
    return count;
  }

  void keep(const std::vector<NodeIndex>& kept) {
    if (options_.call_tree) {
      trim_tree(kept);
      return;
    }
    std::vector<bool> places(graph_.infos.size());
    for (const NodeIndex n : kept) places[graph_.nodes[n].info] = true;
    graph_ = make_graph(profile_, places_, options_, &places, symbols_);
  }

  // Takes nodes out of a tree: their children go to their parent, by edges that are residual then.
  void trim_tree(const std::vector<NodeIndex>& kept) {
    std::vector<bool> keeps(graph_.nodes.size());
    for (const NodeIndex n : kept) keeps[n] = true;
    std::vector<NodeIndex> order;
    for (const NodeIndex n : graph_.order) {
      if (keeps[n]) {
        order.push_back(n);
        continue;
      }
      Node& node = graph_.nodes[n];
      if (node.in.empty()) {
        for (const EdgeIndex e : node.out) std::erase(graph_.nodes[graph_.edges[e].to].in, e);
        continue;
      }
      const EdgeIndex above = node.in.front();
      const NodeIndex parent = graph_.edges[above].from;
      std::erase(graph_.nodes[parent].out, above);
      for (const EdgeIndex e : node.out) {
        Edge& edge = graph_.edges[e];
        edge.from = parent;
        edge.residual = true;
        edge.inlined = edge.inlined && graph_.edges[above].inlined;
        graph_.nodes[parent].out.push_back(e);
      }
    }
    graph_.order = std::move(order);
    drop_redundant_edges();
  }

  void drop_light_tags(std::int64_t cutoff) {
    const auto light = [&](const auto& entry) {
      return absolute(entry.second.flat) < cutoff && absolute(entry.second.cum) < cutoff;
    };
    for (NodeTags& tags : graph_.tags) {
      std::erase_if(tags.labels, light);
      for (auto& [key, numbers] : tags.numbers) std::erase_if(numbers, light);
    }
  }

  std::size_t drop_light_edges(std::int64_t cutoff) {
    std::vector<bool> gone(graph_.edges.size());
    std::size_t count = 0;
    for (const NodeIndex n : graph_.order) {
      for (const EdgeIndex e : graph_.nodes[n].in) {
        if (absolute(graph_.edges[e].weight) >= cutoff) continue;
        gone[e] = true;
        ++count;
      }
    }
    if (count != 0) graph_.remove(gone);
    return count;
  }

  // A residual edge says no more than the path of other edges between its ends, where there is one. Lighter ones go
  // first.
  void drop_redundant_edges() {
    const EdgeOrder order(graph_, symbols_);
    for (std::size_t i = graph_.order.size(); i-- > 0;) {
      std::vector<EdgeIndex> in = graph_.nodes[graph_.order[i]].in;
      order.sort(in);
      for (std::size_t j = in.size(); j-- > 0;) {
        const Edge& edge = graph_.edges[in[j]];
        if (!edge.residual) break;
        if (!is_redundant(in[j])) continue;
        std::erase(graph_.nodes[edge.from].out, in[j]);
        std::erase(graph_.nodes[edge.to].in, in[j]);
      }
    }
  }

  [[nodiscard]] bool is_redundant(EdgeIndex which) const {
    const NodeIndex from = graph_.edges[which].from;
    std::vector<bool> seen(graph_.nodes.size());
    std::vector<NodeIndex> queue{graph_.edges[which].to};
    seen[queue[0]] = true;
    for (std::size_t next = 0; next < queue.size(); ++next) {
      for (const EdgeIndex e : graph_.nodes[queue[next]].in) {
        const NodeIndex caller = graph_.edges[e].from;
        if (e == which || seen[caller]) continue;
        if (caller == from) return true;
        seen[caller] = true;
        queue.push_back(caller);
      }
    }
    return false;
  }

  const model::Profile& profile_;
  const GraphOptions& options_;
  const Trim& trim_;
  model::Symbols& symbols_;
  Places places_;
  Graph graph_;
};

}  // namespace

Trimmed trimmed_graph(const model::Profile& profile, const GraphOptions& options, const Trim& trim,
                      model::Symbols& symbols) {
  return Trimmer(profile, options, trim, symbols).run();
}

}  // namespace gopsy::pprof
