#pragma once

#include <cstdint>
#include <vector>

#include "analyze/waits.h"
#include "model/evidence.h"

namespace gopsy::analyze {

/// Why every goroutine of a traceback sleeps, as finely as the text can tell. One answer, the finest.
enum class DeadlockKind : std::uint8_t {
  NilChannel,         ///< somebody waits on a channel that is nil, or all in a select without cases
  LockOrder,          ///< lock waiters that want different locks
  RecursiveRLock,     ///< a reader waits behind a writer that waits for a reader
  LostUnlock,         ///< a lock is locked, and by the memory of the process nobody is left to unlock it
  SelfLock,           ///< lock waiters, and nobody is left who could hold that lock but themselves
  WaitingForWorkers,  ///< a WaitGroup whose workers wait themselves or are gone
  NoPeer,             ///< channel operations or Cond.Wait without a partner
  AllAsleep,          ///< none of these can be told
};

struct Sleeper {
  const model::Goroutine* goroutine = nullptr;
  Wait wait;
};

/// A goroutine of a ring, what it waits for, and by which hold the next one of the ring has it: of model::WaitFacts.
struct WaitStep {
  std::uint32_t goroutine = 0;
  std::uint32_t object = 0;
  std::uint32_t hold = 0;  ///< its goroutine is that of the next step, of the last one that of the first
};

struct Deadlock {
  DeadlockKind kind = DeadlockKind::AllAsleep;
  std::vector<Sleeper> sleepers;  ///< every goroutine of the program that waits, in order
  std::vector<Sleeper> culprits;  ///< those that show the kind
  std::vector<WaitStep> ring;     ///< where the process's memory was read, and shows one
  double confidence = 0;          ///< of what memory shows; 0: the text was asked
};

/// REQUIRES: the runtime said that all goroutines of `traceback` are asleep.
Deadlock deadlock_of(const model::Traceback& traceback, const model::Symbols& symbols);

/// Goroutines of any traceback that wait for a sync.Once inside that same Once: certain by the stack alone.
std::vector<Sleeper> recursive_onces(const model::Traceback& traceback, const model::Symbols& symbols);

}  // namespace gopsy::analyze
