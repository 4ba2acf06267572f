#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/evidence.h"

namespace gopsy::analyze {

/// One place in the code of a program.
struct CodePlace {
  StringId function;
  StringId file;
  std::int64_t line = 0;
};

/// How long goroutines waited because of one line, or at it.
struct LockPlace {
  CodePlace place;
  std::int64_t delay_ns = 0;
  std::int64_t contentions = 0;
};

/// A lock as profiles show it: they know no addresses, only who unlocked (mutex profile) and who waited (block
/// profile). Methods of one type, and a function with its closures, are taken for users of one lock.
struct LockSite {
  std::string owner;               ///< "shop.(*Cart)", or the function
  std::vector<LockPlace> holders;  ///< from mutex profiles: those whose Unlock let others go on, most delay first
  std::vector<LockPlace> waiters;  ///< from block profiles: those that stood in Lock or RLock
  std::int64_t held_ns = 0;        ///< delay that the holders caused
  std::int64_t waited_ns = 0;
};

/// What the mutex and block profiles of an incident know.
struct LockProfiles {
  const model::Evidence* mutex = nullptr;  ///< the first of each kind; null if there is none
  const model::Evidence* block = nullptr;
  std::int64_t mutex_total_ns = 0;  ///< program locks only: the runtime's own are left out
  std::vector<LockSite> sites;      ///< most delay first: the larger of what both profiles say
  /// Of goroutines in RWMutex.RLock, by the block profile.
  std::int64_t reader_wait_ns = 0;
};

/// Cost  one pass over the frames of each mutex and block profile.
LockProfiles lock_profiles(const model::Incident& incident);

}  // namespace gopsy::analyze
