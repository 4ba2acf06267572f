#include "analyze/pprof/graph.h"

#include <algorithm>
#include <limits>

#include "analyze/pprof/edge_table.h"
#include "analyze/pprof/measurement.h"
#include "base/pair_table.h"

namespace gopsy::pprof {
namespace {

constexpr NodeIndex kNobody = std::numeric_limits<NodeIndex>::max();

std::int64_t mean(std::int64_t value, std::int64_t divisor) {
  return divisor == 0 ? value : wrapping_divide(value, divisor);
}

void add(std::int64_t& sum, std::int64_t value) { sum = wrapping_add(sum, value); }

struct Weight {
  std::int64_t value = 0;
  std::int64_t divisor = 0;
};

// The text that all string labels of a sample make: one tag of a node.
std::string joined_labels(const model::Profile& profile, std::size_t sample, const model::Symbols& symbols) {
  std::vector<std::string> labels;
  for (auto i = profile.label_start[sample]; i < profile.label_start[sample + 1]; ++i) {
    const auto& label = profile.labels[i];
    if (label.text)
      labels.push_back(std::string(symbols.text(label.key)) + ":" + std::string(symbols.text(label.text)));
  }
  std::ranges::sort(labels);
  std::string text;
  for (const std::string& label : labels) text += (text.empty() ? "" : "\\n") + label;
  return text;
}

class Builder {
 public:
  Builder(const model::Profile& profile, const Places& places, const GraphOptions& options,
          const std::vector<bool>* kept, const model::Symbols& symbols)
      : profile_(profile), places_(places), options_(options), kept_(kept), symbols_(symbols) {
    graph_.infos = places.infos();
    if (!options.call_tree) make_plain_nodes();
  }

  Graph build() {
    for (std::size_t i = 0; i < profile_.sample_count(); ++i) {
      const Weight weight{.value = profile_.value(i, options_.column),
                          .divisor = options_.mean ? profile_.value(i, 0) : 0};
      if (weight.value == 0 && weight.divisor == 0) continue;
      ++sample_;
      if (options_.detail == Detail::Labels) read_labels(i);
      if (options_.call_tree) {
        add_path(profile_.stack(i), weight);
      } else if (options_.detail == Detail::Nodes) {
        add_nodes(profile_.stack(i), weight);
      } else {
        add_stack(profile_.stack(i), weight);
      }
    }
    finish();
    return std::move(graph_);
  }

 private:
  void make_plain_nodes() {
    graph_.nodes.resize(graph_.infos.size());
    sums_.resize(graph_.infos.size());
    for (std::uint32_t i = 0; i < graph_.nodes.size(); ++i) {
      graph_.nodes[i].info = i;
      graph_.nodes[i].function = i < places_.count() ? places_.function(i) : i;
    }
    if (options_.detail == Detail::Labels) graph_.tags.resize(graph_.nodes.size());
  }

  // Sums only: what a flat report needs, at one array access a frame.
  void add_nodes(std::span<const std::uint32_t> stack, Weight weight) {
    NodeIndex leaf = kNobody;
    for (std::size_t i = stack.size(); i-- > 0;) {
      const auto places = places_.of(stack[i]);
      for (std::size_t line = places.size(); line-- > 0;) {
        const NodeIndex node = places[line];
        const bool left_out = kept_ != nullptr && !(*kept_)[node];
        leaf = left_out ? kNobody : node;
        if (left_out) continue;
        add_cum_once(node, weight);
      }
    }
    if (leaf != kNobody) add_flat(leaf, weight);
  }

  // A call of the stack at hand.
  struct Step {
    NodeIndex from;
    NodeIndex to;
    bool residual;
    bool inlined;
  };

  void add_stack(std::span<const std::uint32_t> stack, Weight weight) {
    NodeIndex parent = kNobody;
    bool residual = false;
    steps_.clear();
    for (std::size_t i = stack.size(); i-- > 0;) {
      const auto places = places_.of(stack[i]);
      for (std::size_t line = places.size(); line-- > 0;) {
        const NodeIndex node = places[line];
        if (kept_ != nullptr && !(*kept_)[node]) {
          residual = true;
          continue;
        }
        add_cum_once(node, weight);
        if (parent != kNobody && parent != node) {
          // The calls are counted in a second pass, when their slots are on their way from memory.
          edges_.prefetch(parent, node);
          steps_.push_back({.from = parent, .to = node, .residual = residual, .inlined = line + 1 != places.size()});
        }
        parent = node;
        residual = false;
      }
    }
    for (const Step& step : steps_) add_edge(step, weight);
    if (parent != kNobody && !residual) add_flat(parent, weight);
  }

  void add_edge(const Step& step, Weight weight) {
    constexpr std::uint32_t kSeenBits = (std::uint32_t{1} << 30) - 1;
    EdgeTable::Slot& slot = edges_.at(step.from, step.to);
    if (slot.seen == (sample_ & kSeenBits)) return;
    slot.seen = sample_ & kSeenBits;
    add(slot.weight, weight.value);
    add(slot.divisor, weight.divisor);
    slot.residual |= step.residual ? 1U : 0U;
    slot.inlined &= step.inlined ? 1U : 0U;
  }

  void add_cum_once(NodeIndex node, Weight weight) {
    Sum& sum = sums_[node];
    if (sum.seen == sample_) return;
    sum.seen = sample_;
    add(sum.cum, weight.value);
    if (options_.mean) add(graph_.nodes[node].cum_div, weight.divisor);
    if (options_.detail == Detail::Labels) tag_cum(node, weight);
  }

  // In a tree each path from a root is a node of its own: it has one edge, numbered like the node.
  void add_path(std::span<const std::uint32_t> stack, Weight weight) {
    NodeIndex parent = kNobody;
    for (std::size_t i = stack.size(); i-- > 0;) {
      const auto places = places_.of(stack[i]);
      for (std::size_t line = places.size(); line-- > 0;) {
        const auto [number, is_new] = tree_nodes_.number(parent + 1, places[line]);
        const NodeIndex node = number - 1;
        const bool inlined = line + 1 != places.size();
        if (is_new) make_tree_node(parent, places[line]);
        add_cum(node, weight);
        Edge& edge = graph_.edges[node];
        add(edge.weight, weight.value);
        add(edge.weight_div, weight.divisor);
        edge.inlined &= inlined;
        parent = node;
      }
    }
    if (parent != kNobody) add_flat(parent, weight);
  }

  void make_tree_node(NodeIndex parent, std::uint32_t place) {
    const auto node = static_cast<NodeIndex>(graph_.nodes.size());
    graph_.nodes.push_back(
        {.info = place, .function = tree_functions_.number(parent + 1, places_.function(place)).number});
    graph_.edges.push_back({.from = parent, .to = node, .inlined = true});
    if (options_.detail == Detail::Labels) graph_.tags.emplace_back();
  }

  void add_cum(NodeIndex node, Weight weight) {
    add(graph_.nodes[node].cum, weight.value);
    add(graph_.nodes[node].cum_div, weight.divisor);
    if (options_.detail == Detail::Labels) tag_cum(node, weight);
  }

  void tag_cum(NodeIndex node, Weight weight) {
    for_tags(node, [&](Tag& tag) {
      add(tag.cum, weight.value);
      add(tag.cum_div, weight.divisor);
    });
  }

  void add_flat(NodeIndex node, Weight weight) {
    add(graph_.nodes[node].flat, weight.value);
    add(graph_.nodes[node].flat_div, weight.divisor);
    if (options_.detail == Detail::Labels) {
      for_tags(node, [&](Tag& tag) {
        add(tag.flat, weight.value);
        add(tag.flat_div, weight.divisor);
      });
    }
  }

  void read_labels(std::size_t sample) {
    labels_ = joined_labels(profile_, sample, symbols_);
    numbers_.clear();
    if (!options_.number_key) return;
    for (auto i = profile_.label_start[sample]; i < profile_.label_start[sample + 1]; ++i) {
      const auto& label = profile_.labels[i];
      if (!label.text && label.key == options_.number_key)
        numbers_.emplace_back(options_.format_number(label.number), label.number);
    }
  }

  template <class Each>
  void for_tags(NodeIndex node, Each each) {
    NodeTags& tags = graph_.tags[node];
    if (!labels_.empty()) {
      Tag& tag = tags.labels[labels_];
      tag.name = labels_;
      each(tag);
    }
    if (numbers_.empty()) return;
    Tags& values = tags.numbers[labels_];
    for (const auto& [name, value] : numbers_) {
      const auto [found, is_new] = values.try_emplace(name);
      if (is_new) found->second = {.name = name, .unit = options_.number_unit, .value = value};
      each(found->second);
    }
  }

  void finish() {
    for (std::size_t i = 0; i < sums_.size(); ++i) graph_.nodes[i].cum = sums_[i].cum;
    if (!options_.call_tree) graph_.edges.resize(edges_.size());
    for (const EdgeTable::Slot& slot : edges_.slots()) {
      if (slot.number == 0) continue;
      graph_.edges[slot.number - 1] = {.from = slot.from,
                                       .to = slot.to,
                                       .weight = slot.weight,
                                       .weight_div = slot.divisor,
                                       .residual = slot.residual != 0,
                                       .inlined = slot.inlined != 0};
    }
    for (EdgeIndex i = 0; i < graph_.edges.size(); ++i) {
      const Edge& edge = graph_.edges[i];
      if (edge.from == kNobody) continue;
      graph_.nodes[edge.from].out.push_back(i);
      graph_.nodes[edge.to].in.push_back(i);
    }
    for (NodeIndex i = 0; i < graph_.nodes.size(); ++i) {
      const Node& node = graph_.nodes[i];
      if (node.cum == 0 && node.flat == 0) continue;
      const bool negative = node.flat < 0 || (node.flat == 0 && node.cum < 0);
      if (options_.drop_negative && negative) continue;
      graph_.order.push_back(i);
    }
  }

  const model::Profile& profile_;
  const Places& places_;
  const GraphOptions& options_;
  const std::vector<bool>* kept_;
  const model::Symbols& symbols_;
  Graph graph_;
  // What the hot loop touches of a node.
  struct Sum {
    std::int64_t cum = 0;
    std::uint32_t seen = 0;  // the last sample that met it
  };
  std::vector<Sum> sums_;
  EdgeTable edges_;
  std::vector<Step> steps_;
  PairTable tree_nodes_;
  PairTable tree_functions_;
  std::uint32_t sample_ = 0;
  std::string labels_;
  std::vector<std::pair<std::string, std::int64_t>> numbers_;
};

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
  return Builder(profile, places, options, kept, symbols).build();
}

}  // namespace gopsy::pprof
