#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "analyze/filter.h"
#include "analyze/stacks.h"
#include "base/error.h"
#include "model/symbols.h"

namespace gopsy::analyze {

struct FlameOptions {
  StackFilter filter;
  bool reverse = false;     ///< leaf at the root: who calls the hot leaves
  bool fold_cycles = true;  ///< a repeated cycle of frames is drawn once with its count
};

/// A weighted call tree, ready to draw.
///
/// Shape   nodes in pre-order: a node's subtree is nodes[i .. subtree_end). Siblings are sorted by name.
///         nodes[0] is the root, named "all". No recursion anywhere: depth is input.
///         A box is a function under its caller: line, file and inlining do not separate boxes, so a
///         function is never drawn twice side by side (the split boxes of sorted folded text). A box is
///         Inlined if every occurrence in it is; its frame is the first physical one else.
///         A cycle of up to kLongestPeriod functions that follows itself is folded onto its first turn;
///         stacks that took more turns than others share that box, and `repeats` is the most turns.
struct FlameGraph {
  struct Node {
    model::FrameId frame;  ///< none for the root
    std::uint32_t parent = 0;
    std::uint32_t subtree_end = 0;
    std::uint32_t depth = 0;
    std::uint64_t repeats = 1;  ///< of the cycle that this node begins, 1 for none
    std::uint32_t period = 0;   ///< frames in that cycle, 0 for none
    std::int64_t total = 0;
    std::int64_t self = 0;
  };
  std::vector<Node> nodes;
  /// What each node cost before and after, callees included; its `total` is then no more than the width of its box.
  /// Empty unless two profiles are compared, and then there is no hot path.
  std::vector<WeightedStacks::Sides> sides;
  /// Where most of the weight goes: from a child of the root down, the heaviest callee each time, until
  /// a frame costs more by itself than that callee does, or the callee has less than a quarter of its
  /// caller or a twentieth of the whole.
  std::vector<std::uint32_t> hot_path;
  StringId type;
  StringId unit;
  std::uint64_t truncated = 0;  ///< as WeightedStacks counted them, before the filter
  std::uint64_t stacks = 0;     ///< stacks drawn
  std::uint64_t filtered = 0;   ///< stacks dropped by focus and ignore, or with every frame hidden
  std::uint64_t negative = 0;   ///< stacks left out because their weight was below 0
  std::uint64_t zero = 0;       ///< stacks left out because their weight was 0: nothing to draw
  bool saturated = false;       ///< a sum met the 64-bit limit and stayed there
};

/// Errors  Usage: a filter is not a regular expression (`a` = which: 0 focus, 1 ignore, 2 hide, 3 show).
/// Cost    linear in the nodes of the stack tree (in depth times stacks if reversed), plus sorting the
///         distinct names; memory bounded by the tree.
Result<FlameGraph> flame_graph(const WeightedStacks& stacks, const FlameOptions& options, model::Symbols& symbols);

}  // namespace gopsy::analyze
