#include "analyze/flame_graph.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "analyze/frame_trie.h"

namespace gopsy::analyze {
namespace {

using model::FrameId;
using model::Symbols;

using Sides = WeightedStacks::Sides;

void add_saturating(std::int64_t& sum, std::int64_t weight, bool& saturated) {
  if (!__builtin_add_overflow(sum, weight, &sum)) return;
  sum = weight < 0 ? std::numeric_limits<std::int64_t>::min() : std::numeric_limits<std::int64_t>::max();
  saturated = true;
}

void add_saturating(Sides& sum, const Sides& more, bool& saturated) {
  add_saturating(sum.before, more.before, saturated);
  add_saturating(sum.after, more.after, saturated);
}

// The indexes of the stacks to draw; the others are counted in `graph`.
std::vector<std::size_t> select(const WeightedStacks& stacks, FrameFilter& filter, const Symbols& symbols,
                                FlameGraph& graph) {
  constexpr std::uint8_t kVisible = FrameFilter::kHidden << 1;
  constexpr std::uint8_t kDecisive = FrameFilter::kFocused | FrameFilter::kIgnored | kVisible;
  // What stands anywhere between the root and a node: one pass, since parents come before children.
  std::vector<std::uint8_t> verdicts(filter.active() ? stacks.nodes.size() : 0);
  for (std::size_t n = 1; n < verdicts.size(); ++n) {
    const std::uint8_t own = filter.verdict(stacks.nodes[n].frame, symbols);
    const std::uint8_t visible = (own & FrameFilter::kHidden) == 0 ? kVisible : 0;
    verdicts[n] = static_cast<std::uint8_t>(verdicts[stacks.nodes[n].parent] | own | visible);
  }
  std::vector<std::size_t> kept;
  kept.reserve(stacks.stacks.size());
  for (std::size_t i = 0; i < stacks.stacks.size(); ++i) {
    if (stacks.weights[i] < 1) {
      ++(stacks.weights[i] < 0 ? graph.negative : graph.zero);
    } else if (filter.active() && (verdicts[stacks.stacks[i]] & kDecisive) != (FrameFilter::kFocused | kVisible)) {
      ++graph.filtered;
    } else {
      kept.push_back(i);
    }
  }
  return kept;
}

// Which nodes lie on a kept stack: the tree may hold far more than what is drawn of it.
std::vector<bool> nodes_on(const WeightedStacks& stacks, const std::vector<std::size_t>& kept) {
  std::vector<bool> on(stacks.nodes.size());
  for (const std::size_t i : kept) on[stacks.stacks[i]] = true;
  for (std::size_t n = on.size(); n-- > 1;)
    if (on[n]) on[stacks.nodes[n].parent] = true;
  return on;
}

class Builder {
 public:
  Builder(const Symbols& symbols, FrameFilter& filter, bool fold)
      : symbols_(symbols), filter_(filter), fold_(fold), filtering_(filter.active()) {}

  // Root at the root: each node of the tree once, however many stacks pass through it.
  void add(const WeightedStacks& stacks, const std::vector<std::size_t>& kept, bool& saturated) {
    const std::vector<bool> on = nodes_on(stacks, kept);
    trie_.reserve(stacks.nodes.size());
    std::vector<FrameTrie::Position> positions(stacks.nodes.size());
    for (std::size_t n = 1; n < on.size(); ++n)
      if (on[n]) positions[n] = push(positions[stacks.nodes[n].parent], stacks.nodes[n].frame);
    for (const std::size_t i : kept) weigh(positions[stacks.stacks[i]].node, stacks, i, saturated);
  }

  // Leaf at the root: prefixes become suffixes, so every stack is walked.
  void add_reversed(const WeightedStacks& stacks, const std::vector<std::size_t>& kept, bool& saturated) {
    for (const std::size_t i : kept) {
      FrameTrie::Position at;
      for (std::uint32_t n = stacks.stacks[i]; n != 0; n = stacks.nodes[n].parent) at = push(at, stacks.nodes[n].frame);
      weigh(at.node, stacks, i, saturated);
    }
  }

  [[nodiscard]] const FrameTrie& trie() const { return trie_; }

  /// What each node of the trie cost by itself on either side; empty if nothing is compared.
  [[nodiscard]] std::vector<Sides> take_sides() {
    if (!sides_.empty()) sides_.resize(trie_.size());
    return std::move(sides_);
  }

 private:
  void weigh(std::uint32_t node, const WeightedStacks& stacks, std::size_t stack, bool& saturated) {
    add_saturating(trie_.self(node), stacks.weights[stack], saturated);
    if (stacks.sides.empty()) return;
    if (node >= sides_.size()) sides_.resize(trie_.size());
    add_saturating(sides_[node], stacks.sides[stack], saturated);
  }

  FrameTrie::Position push(const FrameTrie::Position& at, FrameId frame) {
    if (filtering_ && (filter_.verdict(frame, symbols_) & FrameFilter::kHidden) != 0) return at;
    return trie_.push(at, frame, symbols_, fold_);
  }

  const Symbols& symbols_;
  FrameFilter& filter_;
  FrameTrie trie_;
  std::vector<Sides> sides_;
  bool fold_;
  bool filtering_;
};

// The nodes of the trie in the order of their names; names are compared once each, not once a node.
std::vector<std::uint32_t> by_name(const std::vector<FrameTrie::Link>& nodes, const Symbols& symbols) {
  std::vector<std::uint32_t> keys;
  std::vector<bool> seen(symbols.strings.size() * 2);
  for (const auto& node : nodes) {
    if (seen[node.key]) continue;
    seen[node.key] = true;
    keys.push_back(node.key);
  }
  std::ranges::sort(keys, [&](std::uint32_t a, std::uint32_t b) {
    const auto order = symbols.text(FrameTrie::function_of(a)) <=> symbols.text(FrameTrie::function_of(b));
    return order != 0 ? order < 0 : a < b;
  });
  std::vector<std::uint32_t> rank(seen.size());
  for (std::size_t i = 0; i < keys.size(); ++i) rank[keys[i]] = static_cast<std::uint32_t>(i);

  std::vector<std::uint32_t> start(keys.size() + 1);
  for (const auto& node : nodes) ++start[rank[node.key] + 1];
  std::partial_sum(start.begin(), start.end(), start.begin());
  std::vector<std::uint32_t> order(nodes.size());
  for (std::uint32_t n = 0; n < nodes.size(); ++n) order[start[rank[nodes[n].key]]++] = n;
  return order;
}

// Pre-order with sorted siblings. Nodes without weight (turns that were folded away) stay behind.
void emit(const FrameTrie& trie, std::vector<Sides> sides, const Symbols& symbols, FlameGraph& graph) {
  std::vector<std::int64_t> totals(trie.size());
  for (auto n = static_cast<std::uint32_t>(trie.size()); n-- > 0;) {
    add_saturating(totals[n], trie.self(n), graph.saturated);
    if (n == 0) break;
    add_saturating(totals[trie.links()[n].parent], totals[n], graph.saturated);
    if (!sides.empty()) add_saturating(sides[trie.links()[n].parent], sides[n], graph.saturated);
  }
  std::vector<std::uint32_t> first_child(trie.size());
  std::vector<std::uint32_t> next_sibling(trie.size());
  const std::vector<std::uint32_t> order = by_name(trie.links(), symbols);
  for (auto it = order.rbegin(); it != order.rend(); ++it) {
    if (*it == 0 || totals[*it] == 0) continue;
    next_sibling[*it] = first_child[trie.links()[*it].parent];
    first_child[trie.links()[*it].parent] = *it;
  }
  struct Pending {
    std::uint32_t node;
    std::uint32_t parent;
    std::uint32_t depth;
  };
  graph.nodes.reserve(trie.size());
  std::vector<Pending> pending{{.node = 0, .parent = 0, .depth = 0}};
  while (!pending.empty()) {
    const auto [n, parent, depth] = pending.back();
    pending.pop_back();
    const auto number = static_cast<std::uint32_t>(graph.nodes.size());
    const FrameTrie::Fold fold = trie.fold_at(n);
    graph.nodes.push_back({.frame = trie.frame(n),
                           .parent = parent,
                           .subtree_end = number + 1,
                           .depth = depth,
                           .repeats = fold.repeats,
                           .period = fold.period,
                           .total = totals[n],
                           .self = trie.self(n)});
    if (!sides.empty()) graph.sides.push_back(sides[n]);
    if (next_sibling[n] != 0) pending.push_back({.node = next_sibling[n], .parent = parent, .depth = depth});
    if (first_child[n] != 0) pending.push_back({.node = first_child[n], .parent = number, .depth = depth + 1});
  }
  for (std::size_t i = graph.nodes.size(); i-- > 1;) {
    auto& parent = graph.nodes[graph.nodes[i].parent];
    parent.subtree_end = std::max(parent.subtree_end, graph.nodes[i].subtree_end);
  }
}

std::vector<std::uint32_t> hot_path(const std::vector<FlameGraph::Node>& nodes) {
  const auto part = [](std::int64_t value, std::int64_t n) { return value / n + (value % n == 0 ? 0 : 1); };
  std::vector<std::uint32_t> path;
  std::uint32_t at = 0;
  for (;;) {
    std::uint32_t heaviest = 0;
    for (std::uint32_t c = at + 1; c < nodes[at].subtree_end; c = nodes[c].subtree_end)
      if (heaviest == 0 || nodes[c].total > nodes[heaviest].total) heaviest = c;
    if (heaviest == 0) return path;
    const std::int64_t total = nodes[heaviest].total;
    if (total < nodes[at].self || total < part(nodes[at].total, 4) || total < part(nodes[0].total, 20)) return path;
    path.push_back(heaviest);
    at = heaviest;
  }
}

}  // namespace

Result<FlameGraph> flame_graph(const WeightedStacks& stacks, const FlameOptions& options, model::Symbols& symbols) {
  auto filter = FrameFilter::compile(options.filter);
  if (!filter) return std::unexpected(filter.error());
  FlameGraph graph{.type = stacks.type, .unit = stacks.unit, .truncated = stacks.truncated};
  const std::vector<std::size_t> kept = select(stacks, *filter, symbols, graph);
  graph.stacks = kept.size();
  Builder builder(symbols, *filter, options.fold_cycles);
  if (options.reverse) {
    builder.add_reversed(stacks, kept, graph.saturated);
  } else {
    builder.add(stacks, kept, graph.saturated);
  }
  emit(builder.trie(), builder.take_sides(), symbols, graph);
  if (graph.sides.empty()) graph.hot_path = hot_path(graph.nodes);
  return graph;
}

}  // namespace gopsy::analyze
