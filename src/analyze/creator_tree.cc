#include "analyze/creator_tree.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "base/tree_index.h"

namespace gopsy::analyze {
namespace {

using model::Goroutine;
using model::Traceback;

constexpr std::uint32_t kNobody = UINT32_MAX;  // no creator at all: main
constexpr std::uint32_t kGone = UINT32_MAX - 1;
constexpr std::uint32_t kUnknownNode = UINT32_MAX;
constexpr std::uint32_t kGoneKey = 1U << 31;

/// The goroutine that started each, as an index into `rows`.
class Parents {
 public:
  Parents(const Traceback& traceback, std::span<const std::uint32_t> rows) : traceback_(traceback), rows_(rows) {
    by_function_ = std::ranges::none_of(rows, [&](auto row) { return traceback.goroutines[row].creator != 0; });
    if (by_function_) {
      find_functions();
    } else {
      for (std::uint32_t i = 0; i < rows.size(); ++i) by_id_.emplace(traceback.goroutines[rows[i]].id, i);
    }
  }

  [[nodiscard]] bool by_function() const { return by_function_; }

  [[nodiscard]] std::uint32_t of(std::uint32_t i) const {
    const Goroutine& goroutine = traceback_.goroutines[rows_[i]];
    if (goroutine.created_by.none()) return kNobody;
    if (by_function_) {
      const auto found = by_name_.find(goroutine.created_by);
      return found == by_name_.end() || found->second == i ? kGone : found->second;
    }
    const auto found = by_id_.find(goroutine.creator);
    return found == by_id_.end() ? kGone : found->second;
  }

 private:
  void find_functions() {
    std::unordered_set<StringId> wanted;
    for (const auto row : rows_) wanted.insert(traceback_.goroutines[row].created_by);
    for (std::uint32_t i = 0; i < rows_.size(); ++i)
      for (const auto& frame : traceback_.frames_of(traceback_.goroutines[rows_[i]]))
        if (wanted.contains(frame.function)) by_name_.emplace(frame.function, i);
  }

  const Traceback& traceback_;
  std::span<const std::uint32_t> rows_;
  bool by_function_ = false;
  std::unordered_map<std::uint64_t, std::uint32_t> by_id_;
  std::unordered_map<StringId, std::uint32_t> by_name_;
};

struct Node {
  std::uint32_t parent = 0;
  CreatorNode shown;
};

class Builder {
 public:
  Builder(const Snapshot& snapshot, std::span<const std::uint32_t> rows)
      : snapshot_(snapshot), traceback_(*snapshot.traceback), rows_(rows), parents_(traceback_, rows) {}

  CreatorTree build() {
    node_of_.assign(rows_.size(), kUnknownNode);
    for (std::uint32_t i = 0; i < rows_.size(); ++i) place(i);
    for (std::uint32_t i = 0; i < rows_.size(); ++i) count(i);
    for (std::size_t n = nodes_.size(); n-- > 1;) {
      Node& node = nodes_[n];
      node.shown.descendants += node.shown.count;
      if (node.parent == 0) continue;
      nodes_[node.parent].shown.descendants += node.shown.descendants;
      ++nodes_[node.parent].shown.children;
    }
    return {.nodes = in_order(), .by_function = parents_.by_function()};
  }

 private:
  // Up to a goroutine whose node is known, then down again: every goroutine is walked over once.
  void place(std::uint32_t i) {
    path_.clear();
    std::uint32_t parent = i;
    while (parent < kGone && node_of_[parent] == kUnknownNode) {
      node_of_[parent] = kOnTheWay;
      path_.push_back(parent);
      parent = parents_.of(parent);
    }
    std::uint32_t node = parent >= kGone || node_of_[parent] == kOnTheWay ? 0 : node_of_[parent];
    for (auto it = path_.rbegin(); it != path_.rend(); ++it) {
      const Goroutine& goroutine = traceback_.goroutines[rows_[*it]];
      const std::uint32_t site = sites_.number(goroutine.created_by.value, goroutine.created_line).number;
      const bool gone = node == 0 && parent != kNobody && it == path_.rbegin();
      const auto found = index_.child(node, gone ? site | kGoneKey : site);
      if (found.is_new) nodes_.push_back({.parent = node, .shown = {.first = rows_[*it]}});
      node = node_of_[*it] = found.number;
      if (gone && gone_.insert(goroutine.creator ^ (std::uint64_t{node} << 40)).second) ++nodes_[node].shown.gone;
    }
  }

  void count(std::uint32_t i) {
    CreatorNode& node = nodes_[node_of_[i]].shown;
    node.first = std::min(node.first, rows_[i]);
    node.count += snapshot_.count(rows_[i]);
  }

  // A walk with a stack of its own: a text may nest as deep as it is long.
  [[nodiscard]] std::vector<CreatorNode> in_order() const {
    std::vector<std::vector<std::uint32_t>> below(nodes_.size());
    for (std::uint32_t n = 1; n < nodes_.size(); ++n) below[nodes_[n].parent].push_back(n);
    // The smallest first: what is pushed last is taken first. Ties in the order of the text.
    for (auto& list : below) {
      std::ranges::reverse(list);
      std::ranges::stable_sort(list, {}, [&](std::uint32_t n) { return nodes_[n].shown.descendants; });
    }
    std::vector<CreatorNode> ordered;
    std::vector<std::pair<std::uint32_t, unsigned>> open;
    for (const std::uint32_t n : below[0]) open.emplace_back(n, 0);
    while (!open.empty()) {
      const auto [n, depth] = open.back();
      open.pop_back();
      ordered.push_back(nodes_[n].shown);
      ordered.back().depth = depth;
      for (const std::uint32_t child : below[n]) open.emplace_back(child, depth + 1);
    }
    return ordered;
  }

  static constexpr std::uint32_t kOnTheWay = UINT32_MAX - 1;

  const Snapshot& snapshot_;
  const Traceback& traceback_;
  std::span<const std::uint32_t> rows_;
  Parents parents_;
  PairTable sites_;
  TreeIndex index_;
  std::vector<Node> nodes_ = std::vector<Node>(1);
  std::vector<std::uint32_t> node_of_;
  std::vector<std::uint32_t> path_;
  std::unordered_set<std::uint64_t> gone_;
};

}  // namespace

CreatorTree creator_tree(const Snapshot& snapshot, std::span<const std::uint32_t> rows) {
  return Builder(snapshot, rows).build();
}

}  // namespace gopsy::analyze
