#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "analyze/stack_tree.h"
#include "model/profile.h"

namespace gopsy::analyze {

/// For each node of a profile's tree the nearest node at or above it that is wide enough to draw.
///
/// A profile whose samples all differ has a node for nearly every frame of every sample, and a picture shows none
/// of them. So a weight is chosen that no more than `most` nodes reach, and the tree is cut there. A node is never
/// heavier than its parent (negative samples apart), so what is left is a tree. Yields  empty if the tree is small
/// enough as it is. Cost    three passes over the nodes.
std::vector<std::uint32_t> wide_ancestors(const model::Profile& profile, const StackTree& tree, std::size_t column,
                                          std::size_t most);

}  // namespace gopsy::analyze
