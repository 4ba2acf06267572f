#include "analyze/trace/creation_tree.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace gopsy::analyze {

using model::GoState;
using model::TraceEvent;
using model::TraceTreeNode;
using model::TraceType;

namespace {

bool is_creation(TraceType type) {
  return type == TraceType::GoCreate || type == TraceType::GoCreateBlocked || type == TraceType::GoCreateSyscall;
}

}  // namespace

void CreationTree::before(const TraceContext& context, std::span<const TraceEvent> events) {
  for (const TraceEvent& one : events) {
    if (is_creation(one.type)) created(context, one, false);
    const bool ends = one.type == TraceType::GoDestroy || one.type == TraceType::GoSwitchDestroy ||
                      one.type == TraceType::GoDestroySyscall;
    if (ends && one.subject < born_.size()) born_[one.subject] = {};
  }
}

void CreationTree::step(const TraceContext& context, std::span<const TraceEvent> events,
                        std::span<const StateInterval> intervals) {
  std::size_t next = 0;
  const auto end_until = [&](std::size_t i) {
    for (; next < intervals.size() && intervals[next].at <= i; ++next)
      if (intervals[next].next == GoState::NotExist || intervals[next].is(StateInterval::kOpen))
        ended(context, intervals[next]);
  };
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (!is_creation(events[i].type)) continue;
    end_until(i);
    created(context, events[i], true);
  }
  end_until(SIZE_MAX);
}

void CreationTree::created(const TraceContext& context, const TraceEvent& event, bool counts) {
  const std::size_t rows = std::max<std::size_t>(event.subject, event.g) + 1;
  if (born_.size() < rows) born_.resize(std::max(rows, context.names->goroutines.size()));
  const bool has_stacks = event.type != TraceType::GoCreateSyscall;
  const std::uint32_t start = has_stacks ? context.whole.stack(static_cast<std::uint32_t>(event.other)) : 0;
  const std::uint32_t stack = has_stacks ? context.whole.stack(event.stack) : 0;
  std::uint32_t parent = kNone;
  if (event.g != 0) {
    Born& creator = born_[event.g];
    if (creator.node == kNone) {
      // Where it stands tells where it began, even if nothing has so far.
      const StringId known = event.g < context.lives.size() ? context.lives[event.g].function : StringId();
      creator.node = child(kNone, 0, known.none() ? context.whole.outermost(stack) : known);
    }
    parent = creator.node;
  }
  std::uint32_t node = kNone;
  if (parent != kNone && nodes_[parent].last_stack == stack && nodes_[parent].last_start == start) {
    node = nodes_[parent].last_child;
  } else {
    node = child(parent, stack, context.whole.outermost(start));
    if (parent != kNone) {
      nodes_[parent].last_stack = stack;
      nodes_[parent].last_start = start;
      nodes_[parent].last_child = node;
    }
  }
  born_[event.subject] = {.node = node, .at_ns = counts ? event.time_ns : INT64_MIN};
  if (counts) {
    ++nodes_[node].created;
    ++tree_.created;
  }
}

std::uint32_t CreationTree::child(std::uint32_t parent, std::uint32_t stack, StringId function) {
  const auto [place, is_new] = children_.try_emplace({parent, stack, function}, kNone);
  if (is_new) place->second = new_child(parent, stack, function);
  return place->second;
}

std::uint32_t CreationTree::new_child(std::uint32_t parent, std::uint32_t stack, StringId function) {
  for (std::uint32_t at = parent; at != kNone; at = nodes_[at].parent)
    if (nodes_[at].stack == stack && nodes_[at].function == function) {
      nodes_[at].again = true;
      return at;
    }
  const std::uint32_t depth = parent == kNone ? 0 : nodes_[parent].depth + 1;
  if (!nodes_.empty() && (nodes_.size() >= kMostNodes || depth > kMostDepth)) {
    tree_.full = true;
    return parent == kNone ? 0 : parent;
  }
  Node& node = nodes_.emplace_back();
  node.parent = parent;
  node.depth = depth;
  node.stack = stack;
  node.function = function;
  return static_cast<std::uint32_t>(nodes_.size() - 1);
}

void CreationTree::ended(const TraceContext& context, const StateInterval& one) {
  if (one.g >= born_.size()) born_.resize(one.g + std::size_t{1});
  Born born = std::exchange(born_[one.g], {});
  if (born.node == kNone) born.node = child(kNone, 0, context.lives[one.g].function);
  Node& node = nodes_[born.node];
  if (born.at_ns == INT64_MIN) ++node.found;
  if (one.is(StateInterval::kOpen)) return;
  ++node.ended;
  if (born.at_ns == INT64_MIN) return;
  if (node.lives == nullptr) node.lives = std::make_unique<CoarseHistogram>();
  node.lives->add(between(born.at_ns, one.end_ns));
}

void CreationTree::finish(const TraceContext&) {
  std::vector<std::uint64_t> below(nodes_.size());
  std::vector<std::vector<std::uint32_t>> children(nodes_.size() + 1);
  for (std::size_t i = nodes_.size(); i-- > 0;) {  // children come after their parents
    const Node& node = nodes_[i];
    if (node.parent != kNone) below[node.parent] += below[i] + node.created;
  }
  for (std::uint32_t i = 0; i < nodes_.size(); ++i)
    children[nodes_[i].parent == kNone ? nodes_.size() : nodes_[i].parent].push_back(i);
  for (std::vector<std::uint32_t>& rows : children)
    std::ranges::stable_sort(rows, std::ranges::greater{}, [&](std::uint32_t i) {
      return std::tuple(below[i] + nodes_[i].created, nodes_[i].found);
    });
  std::vector<std::uint32_t> stack(children.back().rbegin(), children.back().rend());
  while (!stack.empty()) {
    const std::uint32_t i = stack.back();
    stack.pop_back();
    const Node& node = nodes_[i];
    // Creators that ended before the range of time, and all that they created did, too.
    if (node.created + node.found + below[i] == 0 && children[i].empty()) continue;
    const model::TraceLatency lives = node.lives == nullptr ? model::TraceLatency() : node.lives->latency();
    tree_.nodes.push_back({.function = node.function,
                           .creation_stack = node.stack,
                           .depth = node.depth,
                           .children = static_cast<std::uint32_t>(children[i].size()),
                           .created = node.created,
                           .found = node.found,
                           .ended = node.ended,
                           .alive = node.created + node.found - std::min(node.ended, node.created + node.found),
                           .descendants = below[i],
                           .median_life_ns = lives.p50_ns,
                           .longest_life_ns = lives.longest_ns,
                           .again = node.again});
    stack.insert(stack.end(), children[i].rbegin(), children[i].rend());
  }
}

}  // namespace gopsy::analyze
