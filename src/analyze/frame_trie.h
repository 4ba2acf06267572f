#pragma once

#include <cstdint>
#include <vector>

#include "base/pair_table.h"
#include "model/symbols.h"

namespace gopsy::analyze {

/// The call tree while it grows: nodes in order of first sight, so a parent comes before its children.
///
/// Shape   node 0 is the root. A node is keyed by its parent and the function of its frame.
/// Cost    a look-up a frame; a new node also looks at no more than kLongestPeriod of its ancestors.
class FrameTrie {
 public:
  struct Node {
    std::uint32_t parent = 0;
    std::uint32_t key = 0;
    model::FrameId frame;
    std::uint32_t cycle = 0;   ///< the last `cycle` keys of the path equal the `cycle` before them; 0: none
    std::uint32_t period = 0;  ///< of the longest fold that begins here
    std::uint64_t repeats = 1;
    std::int64_t self = 0;
  };

  /// Where a stack stands in the tree, and the cycle it folded last.
  struct Position {
    std::uint32_t node = 0;
    std::uint32_t cycle_begin = 0;
    std::uint32_t cycle_period = 0;
    std::uint64_t cycle_repeats = 0;
  };

  FrameTrie() : nodes_(1) {}

  /// One frame further from the root. With `fold`, a completed repetition is taken back onto the turn
  /// before it: the same positions as folding the whole path at once, but a path's prefix can be shared.
  Position push(Position at, model::FrameId frame, const model::Symbols& symbols, bool fold);

  [[nodiscard]] std::vector<Node>& nodes() { return nodes_; }

  /// Markers sort after code of the same name and are boxes of their own.
  static std::uint32_t key_of(const model::Frame& frame) {
    return frame.function.value << 1 | (frame.kind == model::FrameKind::Marker ? 1U : 0U);
  }
  static StringId function_of(std::uint32_t key) { return StringId{key >> 1}; }

 private:
  std::uint32_t child(std::uint32_t parent, model::FrameId frame, const model::Symbols& symbols);
  [[nodiscard]] std::uint32_t cycle_at(std::uint32_t node) const;
  [[nodiscard]] std::uint32_t ancestor(std::uint32_t node, std::uint32_t steps) const;

  std::vector<Node> nodes_;
  PairTable ids_;
};

}  // namespace gopsy::analyze
