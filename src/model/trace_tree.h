#pragma once

#include <cstdint>
#include <vector>

#include "base/ids.h"

namespace gopsy::model {

/// Who created whom: goroutines that one `go` statement created, under the same line of ancestors.
struct TraceTreeNode {
  StringId function;                 ///< that they start in; none: not told
  std::uint32_t creation_stack = 0;  ///< where their creator stood, row of TraceStacks; 0: they were there before
  std::uint32_t depth = 0;           ///< 0: no creator that the trace knows
  std::uint32_t children = 0;        ///< rows directly below
  std::uint64_t created = 0;         ///< by that statement within the time looked at
  std::uint64_t found = 0;           ///< of them: were there before
  std::uint64_t ended = 0;
  std::uint64_t alive = 0;          ///< in the end; found + created - ended
  std::uint64_t descendants = 0;    ///< created below it
  std::int64_t median_life_ns = 0;  ///< of those that ended and were created in the trace, to 12 %; 0: none
  std::int64_t longest_life_ns = 0;
  bool again = false;  ///< it created such as itself, directly or not: those are counted here, too
};

struct TraceTree {
  std::vector<TraceTreeNode> nodes;  ///< parents before children; of siblings the one with the most below it first
  std::uint64_t created = 0;
  bool full = false;  ///< there were more kinds than there is room for: the rest is counted with their ancestors
};

}  // namespace gopsy::model
