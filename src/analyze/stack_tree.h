#pragma once

#include <cstdint>
#include <vector>

#include "model/profile.h"

namespace gopsy::analyze {

/// The stacks of a profile as a tree: what they have in common from the root is there once.
///
/// Shape   node n is {parent, location index}; 0 is the empty stack. A parent's number is lower than those of its
///         children, no two nodes are equal, nodes are numbered in pre-order, children by location.
struct StackTree {
  struct Node {
    std::uint32_t parent = 0;
    std::uint32_t location = 0;
  };
  std::vector<Node> nodes = std::vector<Node>(1);
  std::vector<std::uint32_t> stacks;  ///< the node of each sample's leaf
};

/// Builds the tree by sorting the stacks from their roots.
///
/// The obvious way, a hash look-up per frame, is a cache and TLB miss per frame as soon as stacks differ: 0.5 s for
/// 100,000 stacks of 50 frames with 2.5 million distinct nodes. Sorted, stacks share what they have in common with
/// their neighbour, and all else is new: nodes are appended in order, without any table.
///
/// Cost    each frame is looked at once by the sort and once by the walk.
StackTree stack_tree(const model::Profile& profile);

}  // namespace gopsy::analyze
