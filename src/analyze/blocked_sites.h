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
  /// Of them, how many outlived the call that started them: the creating goroutine is gone, or its stack
  /// no longer holds the creating function (before Go 1.21, which names no goroutine: no stack holds it).
  std::uint64_t orphans = 0;
  std::uint64_t leaked = 0;  ///< of them, how many a goroutineleak profile marked
  std::uint32_t oldest_minutes = 0;

  /// Started in one go, as a pool of workers is: their ids lie closer together than ids of goroutines that
  /// were made one at a time while others came and went. (A P takes ids in batches of 16: proc.go newproc1.)
  [[nodiscard]] bool one_batch() const;
};

/// One place over all tracebacks: its sites, in the order of the evidence.
struct BlockedPlace {
  std::vector<BlockedSite> sites;
  [[nodiscard]] const BlockedSite& largest() const;
};

/// Where the program waits: its own frame if there is one, else the library's that it called last.
const model::TracebackFrame* program_place(const model::Traceback& traceback, const model::Goroutine& goroutine,
                                           const Wait& wait, const model::Symbols& symbols);

/// Every place where goroutines need a peer, most goroutines first, over all dumps and crashes.
/// Cost    linear in goroutines and frames.
std::vector<BlockedPlace> blocked_places(const model::Incident& incident);

}  // namespace gopsy::analyze
