#pragma once

#include <cstdint>
#include <vector>

#include "analyze/waits.h"
#include "model/evidence.h"

namespace gopsy::analyze {

/// Goroutines of one traceback that wait in the same way at the same line.
struct BlockedSite {
  const model::Evidence* evidence = nullptr;
  const model::Traceback* traceback = nullptr;
  model::WaitKind wait = model::WaitKind::None;
  model::TracebackFrame place;  ///< the innermost frame of the program; of the standard library if there is no other
  StringId created_by;          ///< of the first; others may differ if `one_creator` is false
  StringId created_file;
  std::uint32_t created_line = 0;
  bool one_creator = true;
  std::vector<const model::Goroutine*> goroutines;
  std::uint64_t creators_alive = 0;   ///< of them, how many have their creating goroutine in the traceback
  std::uint64_t creators_known = 0;   ///< of them, how many name it (Go 1.21 and later)
  bool creator_function_alive = false;  ///< the creating function stands in some stack of the traceback
  std::uint64_t leaked = 0;             ///< of them, how many a goroutineleak profile marked
  std::uint32_t oldest_minutes = 0;
};

/// Every place where goroutines need a peer, most goroutines first, of all dumps and crashes.
/// Cost    linear in goroutines and frames.
std::vector<BlockedSite> blocked_sites(const model::Incident& incident);

}  // namespace gopsy::analyze
