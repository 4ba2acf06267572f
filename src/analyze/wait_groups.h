#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "analyze/snapshots.h"
#include "model/wait_facts.h"

namespace gopsy::analyze {

/// How sure it is that a goroutine holds a lock; the order is that of certainty.
enum class HolderProof : std::uint8_t {
  None,
  /// The only goroutine in code of the same function's closures, which share what they captured.
  SameFamily,
  /// The only goroutine inside another method of the very value that has the lock.
  SameValue,
  /// The only goroutine further inside a function that takes the lock, which takes no other.
  SameFunction,
  /// … and its arguments name the very value that has the lock.
  SameFunctionAndValue,
  /// The rest is read from memory. Several goroutines stand where they could unlock what one only can have.
  OneOfSeveral,
  /// The code to which its call returns unlocks this very lock (calls Done of this WaitGroup).
  UnlockAhead,
  /// It has deferred a call that unlocks this very lock.
  UnlockDeferred,
};

/// 0 to 1, for findings.
double confidence_of(HolderProof proof);

/// All that wait for one channel or one lock; where memory tells, for one WaitGroup or Cond too.
struct WaitGroupOf {
  bool is_lock = false;
  const model::WaitObject* object = nullptr;  ///< as memory has it; null: inferred from the text
  /// Of the channel, or of the lock. Nothing: told by the value that has the lock.
  std::optional<std::uint64_t> address;
  /// The value that has the lock, where the arguments of its methods tell: sync types are mostly fields.
  std::optional<std::uint64_t> value;
  model::WaitKind kind = model::WaitKind::None;  ///< of the first
  const model::TracebackFrame* place = nullptr;  ///< the function in which the first of them waits
  std::vector<std::uint32_t> waiters;            ///< indexes into the traceback's goroutines, in its order
  std::uint64_t senders = 0;                     ///< of a channel: how many want to send
  HolderProof proof = HolderProof::None;
  std::uint32_t holder = 0;                        ///< an index, if `proof` is not None
  const model::TracebackFrame* held_in = nullptr;  ///< the holder's frame inside the lock's code
  std::vector<std::uint32_t> other_holders;        ///< readers of an RWMutex, workers of a WaitGroup; from memory only
  bool orphan = false;  ///< taken, and no stack has to do with it: nobody will let go of it. From memory only
  double orphan_confidence = 0;

  [[nodiscard]] bool is_channel() const {
    return object == nullptr ? !is_lock : object->kind == model::WaitObject::Kind::Channel;
  }
};

/// Goroutines of which each waits for a lock that the next one holds, the last for one that the first holds. One
/// alone waits for itself.
struct WaitCycle {
  std::vector<std::size_t> groups;  ///< what they wait for: the holder of groups[i] waits in groups[i + 1]
  double confidence = 0;
};

struct WaitGroups {
  std::vector<WaitGroupOf> groups;  ///< most waiters first
  std::vector<WaitCycle> cycles;
  std::vector<std::uint32_t> recursive_onces;  ///< goroutines that wait for a sync.Once inside that same Once
};

/// Who waits for the same thing, and who has it.
///
/// Shape   channels only where the text has their addresses (GOTRACEBACK=system and crash). A lock's address is
///         there at every level while its slow path is on the stack (lockSlow); RWMutex readers show none, and are
///         told by the unmarked receiver of the method that they wait in.
///
/// Where a process's memory was read (Traceback::waits), that is what is told, and no text is asked. Else a holder is
/// inferred, never read: Go keeps no owner. It is the one goroutine that is inside a function which takes the lock,
/// past the line where the others wait, and is not itself waiting there.
///
/// Cost    linear in frames: candidates are looked up by function and argument, never compared pairwise.
WaitGroups wait_groups(const Snapshot& snapshot, const model::Symbols& symbols);

}  // namespace gopsy::analyze
