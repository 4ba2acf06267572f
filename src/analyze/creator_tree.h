#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "analyze/snapshots.h"

namespace gopsy::analyze {

/// Goroutines that one `go` statement started, under the same line of ancestors.
struct CreatorNode {
  unsigned depth = 0;             ///< 0: nobody who is still there started them
  std::uint32_t first = 0;        ///< the first of them, an index into the traceback's goroutines
  std::uint64_t count = 0;        ///< of them
  std::uint64_t descendants = 0;  ///< of them and all below them
  std::uint64_t gone = 0;         ///< distinct goroutines that started them and are no longer there
  std::uint32_t children = 0;     ///< rows directly below
};

struct CreatorTree {
  std::vector<CreatorNode> nodes;  ///< parents before children, the larger of siblings first
  /// No header names a creating goroutine (Go before 1.21): parents are those whose stack still holds the creating
  /// function, which is a guess where several do.
  bool by_function = false;
};

/// Who started whom, goroutines of the same `go` statement and ancestors put together.
///
/// Shape   one row may stand for thousands of goroutines. Rings of creators, which only a damaged text has, are
///         opened at the goroutine met first.
/// Cost    linear in goroutines, and in frames where the text names no creators.
CreatorTree creator_tree(const Snapshot& snapshot, std::span<const std::uint32_t> rows);

}  // namespace gopsy::analyze
