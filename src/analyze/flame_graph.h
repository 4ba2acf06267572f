#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "analyze/stacks.h"
#include "base/error.h"
#include "model/symbols.h"

namespace gopsy::analyze {

/// pprof's filters, as RE2 on function and file names; empty = off.
/// Source  google/pprof profile/filter.go FilterSamplesByName; reference/pprof.md section 3.
struct StackFilter {
  std::string focus;   ///< keep stacks with a matching frame
  std::string ignore;  ///< drop stacks with a matching frame
  std::string hide;    ///< drop matching frames
  std::string show;    ///< keep only matching frames
};

struct FlameOptions {
  StackFilter filter;
  bool reverse = false;      ///< leaf at the root: who calls the hot leaves
  bool fold_cycles = true;   ///< a repeated cycle of frames is drawn once with its count
};

/// A weighted call tree, ready to draw.
///
/// Shape   nodes in pre-order: a node's subtree is nodes[i .. subtree_end). Siblings are sorted by
///         name, then file and line. nodes[0] is the root, named "all". No recursion anywhere: depth is input.
struct FlameGraph {
  struct Node {
    model::FrameId frame;            ///< none for the root
    std::uint32_t parent = 0;
    std::uint32_t subtree_end = 0;
    std::uint32_t depth = 0;
    std::uint64_t repeats = 1;       ///< of the cycle that this node begins, 1 for none
    std::uint32_t period = 0;        ///< frames in that cycle, 0 for none
    std::int64_t total = 0;
    std::int64_t self = 0;
  };
  std::vector<Node> nodes;
  StringId type;
  StringId unit;
  std::uint64_t truncated = 0;
  std::uint64_t stacks = 0;          ///< stacks drawn
  std::uint64_t filtered = 0;        ///< stacks dropped by focus and ignore
  std::uint64_t negative = 0;        ///< stacks left out because their weight was below 1
  bool saturated = false;            ///< a sum met the 64-bit limit and stayed there
};

/// Errors  Usage: a filter is not a regular expression (`a` = which: 0 focus, 1 ignore, 2 hide, 3 show).
/// Cost    linear in frames, plus sorting siblings; memory bounded by the tree.
Result<FlameGraph> flame_graph(const WeightedStacks& stacks, const FlameOptions& options, model::Symbols& symbols);

}  // namespace gopsy::analyze
