#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "base/ids.h"

namespace gopsy::model {

/// What a goroutine waits for, as the memory of its process has it.
struct WaitObject {
  enum class Kind : std::uint8_t {
    Channel,
    NilChannel,  ///< no object at all: one for all who wait for it
    Mutex,
    RWMutex,
    WaitGroup,
    Semaphore,  ///< of a kind that is not known: a library built its own on the runtime's
    Cond,
    Descriptor,
    Timer,
  };

  Kind kind = Kind::Semaphore;
  std::uint64_t address = 0;  ///< of the hchan, the lock (not of its semaphore), the pollDesc; 0: NilChannel
  bool known = false;         ///< its fields were read: the numbers below hold

  std::uint64_t queued = 0;  ///< of a channel: elements in its buffer
  std::uint64_t capacity = 0;
  bool closed = false;
  bool timed = false;  ///< the channel of a timer: the runtime sends. Told since Go 1.23
  StringId element;    ///< the type of what it carries

  bool locked = false;           ///< of a Mutex; of an RWMutex: a writer has it
  bool starving = false;         ///< a waiter has waited for more than a millisecond: it goes first
  std::uint32_t waiters = 0;     ///< that the lock itself counts
  std::int64_t readers = 0;      ///< of an RWMutex: who have it, and who wait behind a writer
  std::int64_t leaving = 0;      ///< … readers that a writer waits for
  bool writer_waits = false;     ///< … a writer wants it or has it: new readers wait
  std::int64_t outstanding = 0;  ///< of a WaitGroup: how many Done are missing
  std::uint64_t lock = 0;        ///< of a Cond: the address of its L

  std::int64_t descriptor = -1;   ///< the file's number in the process
  StringId endpoint;              ///< "tcp 10.0.0.1:4711 -> 10.0.0.2:5432, established"; only of a living process
  std::int64_t due_ns = 0;        ///< of a timer, by the process's nanotime
  std::int64_t remaining_ns = 0;  ///< … from now on; negative: it is late. Kept apart: a core's now is estimated

  [[nodiscard]] bool is_lock() const { return kind == Kind::Mutex || kind == Kind::RWMutex; }
};

/// A goroutine waits for an object. One in a select has several.
struct WaitEdge {
  enum class Act : std::uint8_t { Receive, Send, Lock, ReadLock, Wait, Read, Write, Sleep };
  std::uint32_t goroutine = 0;  ///< an index into Traceback::goroutines
  std::uint32_t object = 0;     ///< … into WaitFacts::objects
  Act act = Act::Wait;
};

/// Why somebody is taken for one who has a lock, or who still owes a WaitGroup its Done. Go keeps no owner.
enum class HoldProof : std::uint8_t {
  Deferred,  ///< it has deferred a call that unlocks this very lock (calls Done of this WaitGroup)
  Ahead,     ///< the code to which its call returns unlocks this very lock, and does not lock it before
};

struct LockHold {
  std::uint32_t goroutine = 0;
  std::uint32_t object = 0;
  std::uint32_t frame = 0;  ///< an index into Traceback::frames: the function that locked
  HoldProof proof = HoldProof::Deferred;
  bool reading = false;
  double confidence = 0;  ///< 0 to 1
};

/// A call that a frame deferred.
struct DeferredCall {
  enum class Recovers : std::uint8_t {
    No,       ///< neither it nor what it calls directly has a recover
    Yes,      ///< it calls recover itself
    TooDeep,  ///< a function that it calls does: that recover returns nil
    Unknown,  ///< its code is not to be read
  };
  std::uint32_t goroutine = 0;
  std::uint32_t frame = 0;  ///< an index into Traceback::frames: the function with the defer statement
  StringId function;        ///< what was deferred; of `defer mu.Unlock()` the method
  StringId file;
  std::uint32_t line = 0;  ///< where that function starts
  bool ran = false;        ///< a panic ran it already
  Recovers recovers = Recovers::No;
  StringId recover_in;  ///< of TooDeep: the function that calls recover
};

/// Who waits for what, who has it, and what is deferred: as the memory of a process says.
///
/// Shape   `edges` and `deferred` are sorted by goroutine, `holds` by object, then by confidence, the surest first.
struct WaitFacts {
  std::vector<WaitObject> objects;
  std::vector<WaitEdge> edges;
  std::vector<LockHold> holds;
  /// Locks that are locked, and nobody's stack has to do with them: whoever locked them went away without unlocking.
  /// WaitGroups of which the same holds: nobody is left to call Done.
  std::vector<std::uint32_t> orphans;
  double orphan_confidence = 0;  ///< of all of them: less where the process ran on while it was read
  std::vector<DeferredCall> deferred;
  /// Frames of panicking goroutines whose deferred calls are not known: a panic took them from the list to run them.
  std::vector<std::uint32_t> spent_frames;  ///< indexes into Traceback::frames
  std::uint64_t unresolved = 0;             ///< goroutines that wait for something that was not found

  [[nodiscard]] std::span<const WaitEdge> edges_of(std::uint32_t goroutine) const {
    return some(edges, goroutine, &WaitEdge::goroutine);
  }
  [[nodiscard]] std::span<const LockHold> holds_of(std::uint32_t object) const {
    return some(holds, object, &LockHold::object);
  }
  [[nodiscard]] std::span<const DeferredCall> deferred_of(std::uint32_t goroutine) const {
    return some(deferred, goroutine, &DeferredCall::goroutine);
  }

 private:
  template <class Row>
  static std::span<const Row> some(const std::vector<Row>& rows, std::uint32_t key, std::uint32_t Row::* field) {
    const auto found = std::ranges::equal_range(rows, key, {}, field);
    return {found.begin(), found.end()};
  }
};

}  // namespace gopsy::model
