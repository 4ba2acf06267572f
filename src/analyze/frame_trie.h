#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "base/tree_index.h"
#include "model/symbols.h"

namespace gopsy::analyze {

/// The call tree while it grows: nodes in order of first sight, so a parent comes before its children.
///
/// Shape   node 0 is the root. A node is keyed by its parent and the function of its frame. Columns,
///         because the search for cycles walks the links of every new node's ancestors.
/// Cost    a look-up a frame; a new node also looks at no more than kLongestPeriod of its ancestors.
class FrameTrie {
 public:
  struct Link {
    std::uint32_t parent = 0;
    std::uint32_t key = 0;
  };
  struct Fold {
    std::uint32_t period = 0;
    std::uint64_t repeats = 1;
  };

  /// Where a stack stands in the tree, and the cycle it folded last.
  struct Position {
    std::uint32_t node = 0;
    std::uint32_t cycle_begin = 0;
    std::uint32_t cycle_period = 0;
    std::uint64_t cycle_repeats = 0;
  };

  FrameTrie() : links_(1), frames_(1), cycles_(1), self_(1) {}

  /// One frame further from the root. With `fold`, a completed repetition is taken back onto the turn
  /// before it: the same positions as folding the whole path at once, but a path's prefix can be shared.
  Position push(Position at, model::FrameId frame, const model::Symbols& symbols, bool fold);

  /// Makes room for so many nodes.
  void reserve(std::size_t nodes);

  [[nodiscard]] std::size_t size() const { return links_.size(); }
  [[nodiscard]] const std::vector<Link>& links() const { return links_; }
  [[nodiscard]] model::FrameId frame(std::uint32_t node) const { return frames_[node]; }
  [[nodiscard]] std::int64_t& self(std::uint32_t node) { return self_[node]; }
  [[nodiscard]] std::int64_t self(std::uint32_t node) const { return self_[node]; }

  /// The longest fold that begins at `node`.
  [[nodiscard]] Fold fold_at(std::uint32_t node) const {
    const auto found = folds_.find(node);
    return found == folds_.end() ? Fold{} : found->second;
  }

  /// Markers sort after code of the same name and are boxes of their own.
  static std::uint32_t key_of(const model::Frame& frame) {
    return frame.function.value << 1 | (frame.kind == model::FrameKind::Marker ? 1U : 0U);
  }
  static StringId function_of(std::uint32_t key) { return StringId{key >> 1}; }

 private:
  std::uint32_t child(std::uint32_t parent, model::FrameId frame, const model::Symbols& symbols, bool fold);
  [[nodiscard]] std::uint8_t cycle_at(std::uint32_t node) const;
  [[nodiscard]] std::uint32_t ancestor(std::uint32_t node, std::uint32_t steps) const;

  std::vector<Link> links_;
  std::vector<model::FrameId> frames_;
  std::vector<std::uint8_t> cycles_;  // the last cycles_[n] keys of the path equal those before them; 0: none
  std::vector<std::int64_t> self_;
  std::unordered_map<std::uint32_t, Fold> folds_;
  TreeIndex index_;
};

}  // namespace gopsy::analyze
