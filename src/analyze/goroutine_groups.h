#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "analyze/snapshots.h"

namespace gopsy::analyze {

enum class GroupBy : std::uint8_t {
  Stack,    ///< the same frames and the same `go` statement
  State,    ///< the words in brackets of the header
  Site,     ///< the same wait at the same line of the program
  Creator,  ///< the same `go` statement
  Label,    ///< the same labels, or the same value of one of them
};

struct GroupOptions {
  GroupBy by = GroupBy::Stack;
  StringId label;  ///< of GroupBy::Label: the key; none: all labels
  /// Of GroupBy::Stack: the values of arguments too, but for those that the runtime marks as stale ("0x1?").
  bool exact = false;
};

struct StateCount {
  StringId state;
  std::uint64_t count = 0;
};

/// Goroutines that are alike in what was asked for.
struct GoroutineGroup {
  std::uint64_t count = 0;              ///< goroutines; more than members where a member is a stack of a profile
  std::span<const std::uint32_t> rows;  ///< members, as indexes into the traceback's goroutines, in its order
  std::vector<StateCount> states;       ///< most first
  std::uint32_t least_minutes = 0;      ///< 0: one of them has no age
  std::uint32_t most_minutes = 0;
  std::uint64_t leaked = 0;
  std::uint64_t locked = 0;
  bool one_stack = true;    ///< all have the frames of the first
  bool one_creator = true;  ///< all come from the `go` statement of the first
};

/// Shape   most goroutines first, ties in the order of the traceback.
struct GoroutineGroups {
  std::vector<GoroutineGroup> groups;
  std::vector<std::uint32_t> members;  ///< what the groups' spans look into
};

/// Buckets the goroutines `rows` of a snapshot.
///
/// Cost    one hash a goroutine over its frames, one comparison with the bucket it falls into: linear in the frames.
GoroutineGroups group_goroutines(const Snapshot& snapshot, std::span<const std::uint32_t> rows,
                                 const GroupOptions& options, const model::Symbols& symbols);

/// Do two goroutines stand in the same functions at the same lines, with the same frames left out?
bool same_stack(const model::Traceback& traceback, const model::Goroutine& a, const model::Goroutine& b);

/// Were they started by the same `go` statement?
bool same_creator(const model::Goroutine& a, const model::Goroutine& b);

/// Hashes what same_stack and same_creator compare.
std::uint64_t stack_hash(const model::Traceback& traceback, const model::Goroutine& goroutine);

}  // namespace gopsy::analyze
