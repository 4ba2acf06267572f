#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "model/evidence.h"

namespace gopsy::analyze {

/// Stacks with a weight each: what every evidence with stacks can be reduced to.
///
/// Shape   a stack is a node of a tree, {parent, frame}: the innermost frame, whose parents lead to the root; 0 is
///         the empty stack. A parent's number is lower than those of its children. Nodes may repeat: who draws the
///         tree merges by function anyway, and to intern here would be one cache miss a node for nothing.
struct WeightedStacks {
  struct Node {
    std::uint32_t parent = 0;
    model::FrameId frame;
  };
  /// What a stack cost before and after, where two profiles are compared.
  struct Sides {
    std::int64_t before = 0;
    std::int64_t after = 0;
  };
  std::vector<Node> nodes = std::vector<Node>(1);
  std::vector<std::uint32_t> stacks;
  std::vector<std::int64_t> weights;
  std::vector<Sides> sides;     ///< a row a stack, or empty: nothing is compared
  StringId type;                ///< "cpu", "inuse_space", "goroutines"
  StringId unit;                ///< "nanoseconds", "bytes", "count"
  std::uint64_t truncated = 0;  ///< stacks whose root side was cut; they hang under a marker frame

  /// The stack that calls `frame` from `parent`.
  std::uint32_t push(std::uint32_t parent, model::FrameId frame) {
    nodes.push_back({.parent = parent, .frame = frame});
    return static_cast<std::uint32_t>(nodes.size() - 1);
  }
};

/// One column of a profile. `sample_index` is a type name or a decimal index; empty = the default column.
/// Stacks cut at the collector's limit (64 frames for CPU, `profstackdepth` else) are put under a
/// marker frame "[truncated at N]" instead of standing as roots of their own.
///
/// With `most_nodes`, stacks too light for a picture of so many nodes end in a marker frame "[narrow stacks]" where
/// they leave the wider ones: sums stay whole, and the cost is that of what is drawn. 0 = every frame.
///
/// Errors  Usage: no such column.
/// Cost    linear in the nodes of the profile's tree plus its samples, not in depth times samples.
Result<WeightedStacks> stacks_of(const model::Profile& profile, std::string_view sample_index, std::size_t most_nodes,
                                 model::Symbols& symbols);

/// Every goroutine of a traceback, weight 1; system goroutines of the runtime left out.
WeightedStacks stacks_of(const model::Traceback& traceback, model::Symbols& symbols);

}  // namespace gopsy::analyze
