#include "analyze/pprof/graph_builders.h"
#include "analyze/pprof/sites.h"
#include "base/pair_table.h"

namespace gopsy::pprof {

namespace {

// Adds up what passes through each node and each call. A call site nearly always calls the same function, so the edge
// it had last is tried first; only another one is looked up.
class PlainBuilder {
 public:
  PlainBuilder(const model::Profile& profile, const Places& places, const GraphOptions& options,
               const std::vector<bool>* kept, const model::Symbols& symbols)
      : profile_(profile),
        options_(options),
        sites_(profile, places, kept),
        tags_(profile, options, symbols),
        has_edges_(options.detail != Detail::Nodes),
        has_tags_(options.detail == Detail::Labels) {
    graph_.infos = places.infos();
    graph_.nodes.resize(graph_.infos.size());
    sums_.resize(graph_.infos.size());
    for (std::uint32_t i = 0; i < graph_.nodes.size(); ++i) {
      graph_.nodes[i].info = i;
      graph_.nodes[i].function = i < places.count() ? places.function(i) : i;
    }
    if (has_edges_) last_edge_.resize(sites_.call_count());
    if (has_tags_) graph_.tags.resize(graph_.nodes.size());
  }

  Graph build() {
    for (std::size_t i = 0; i < profile_.sample_count(); ++i) {
      const auto weight = weight_of(profile_, options_, i);
      if (!weight) continue;
      ++sample_;
      weight_ = *weight;
      if (has_tags_) tags_.read(i);
      add_stack(profile_.stack(i));
    }
    return finish();
  }

 private:
  // One kind of access at a time: each pass waits for many cache lines at once instead of for one after the other.
  void add_stack(model::Profile::Stack stack) {
    sites_.expand(stack, path_);
    if (path_.size == 0) return;
    for (std::size_t i = 0; i < path_.size; ++i) add_cum_once(path_.node(i));
    if (!path_.cut_end) add_flat(path_.node(path_.size - 1));
    if (!has_edges_) return;
    for (std::size_t i = 1; i < path_.size; ++i) __builtin_prefetch(&edges_[last_edge_[path_.calls[i]]], 1);
    for (std::size_t i = 1; i < path_.size; ++i) add_call(path_.calls[i], path_.node(i - 1), path_.frames[i]);
  }

  void add_cum_once(NodeIndex node) {
    Sum& sum = sums_[node];
    if (sum.seen == sample_) return;
    sum.seen = sample_;
    sum.cum = wrapping_add(sum.cum, weight_.value);
    if (options_.mean) add(graph_.nodes[node].cum_div, weight_.divisor);
    if (has_tags_) tags_.add_cum(graph_.tags[node], weight_);
  }

  void add_flat(NodeIndex node) {
    weight_.add_to(graph_.nodes[node].flat, graph_.nodes[node].flat_div);
    if (has_tags_) tags_.add_flat(graph_.tags[node], weight_);
  }

  EdgeIndex edge(NodeIndex from, NodeIndex to) {
    const auto [number, is_new] = edge_numbers_.number(from, to);
    if (is_new) {
      edges_.push_back({.to = to & (SiteFrame::kMostNodes - 1)});
      graph_.edges.push_back({.from = from, .to = to});
    }
    return number;
  }

  // What the hot loop touches of an edge.
  struct CallSum {
    std::int64_t weight = 0;
    std::uint32_t seen = 0;  // the last sample that had it
    NodeIndex to : 30 = SiteFrame::kMostNodes - 1;
    std::uint32_t residual : 1 = 0;
    std::uint32_t inlined : 1 = 1;
  };

  // A call site nearly always calls what it called before.
  void add_call(std::uint32_t call, NodeIndex from, SiteFrame frame) {
    const NodeIndex to = frame.node();
    if (from == to) return;
    EdgeIndex number = last_edge_[call];
    if (edges_[number].to != to) [[unlikely]]
      number = last_edge_[call] = edge(from, to);
    CallSum& sum = edges_[number];
    if (sum.seen == sample_) return;
    sum.seen = sample_;
    sum.weight = wrapping_add(sum.weight, weight_.value);
    if (frame.after_cut()) sum.residual = 1;
    if (!frame.inlined()) sum.inlined = 0;
    if (options_.mean) add(graph_.edges[number - 1].weight_div, weight_.divisor);
  }

  static void add(std::int64_t& sum, std::int64_t value) { sum = wrapping_add(sum, value); }

  Graph finish() {
    for (std::size_t i = 0; i < sums_.size(); ++i) graph_.nodes[i].cum = sums_[i].cum;
    for (std::size_t i = 0; i < graph_.edges.size(); ++i) {
      const CallSum& sum = edges_[i + 1];
      graph_.edges[i].weight = sum.weight;
      graph_.edges[i].residual = sum.residual != 0;
      graph_.edges[i].inlined = sum.inlined != 0;
    }
    return std::move(graph_);
  }

  // What the hot loop touches of a node.
  struct Sum {
    std::int64_t cum = 0;
    std::uint32_t seen = 0;  // the last sample that met it
  };

  const model::Profile& profile_;
  const GraphOptions& options_;
  Sites sites_;
  Path path_;
  std::vector<EdgeIndex> last_edge_;  // by number of the call: what it was last, 0 = nothing yet
  SampleTags tags_;
  bool has_edges_;
  bool has_tags_;
  Graph graph_;
  std::vector<Sum> sums_;
  std::vector<CallSum> edges_{1};  // from 1; the first belongs to nobody
  PairTable edge_numbers_;
  std::uint32_t sample_ = 0;
  Weight weight_;
};

}  // namespace

Graph plain_graph(const model::Profile& profile, const Places& places, const GraphOptions& options,
                  const std::vector<bool>* kept, const model::Symbols& symbols) {
  return PlainBuilder(profile, places, options, kept, symbols).build();
}

}  // namespace gopsy::pprof
