#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "analyze/argument_ring.h"
#include "analyze/crash.h"

namespace gopsy::analyze {

/// The recursion of a goroutine whose stack ran full.
struct Overflow {
  std::vector<const model::TracebackFrame*>
      cycle;  ///< one round, caller before callee, from `first` on; empty if none was seen
  const model::TracebackFrame* first =
      nullptr;  ///< the frame of the round that the entry calls; any, if the entry was elided
  const model::TracebackFrame* entry = nullptr;  ///< the frame that called into the cycle; null if it was elided
  ArgumentRing ring;                             ///< the data of the recursion leads back to itself
  std::uint64_t frames = 0;  ///< printed and elided; a lower bound where Go does not say how many it elided
  bool frames_known = false;
  std::uint64_t rounds = 0;           ///< frames / period
  std::uint64_t bytes_per_round = 0;  ///< stack a round takes; 0 if no stack pointers were printed
  std::uint64_t limit_bytes = 0;      ///< "goroutine stack exceeds N-byte limit"; 0 if that line is missing
};

/// Finds the cycle in the frames nearest the leaf, then where it was entered among those nearest the root.
/// Source  runtime/stack.go newstack (the limit line), runtime/traceback.go tracebackPCs: 50 inner and 50
///         outer frames since Go 1.21, the innermost 100 before (so no entry there).
Overflow overflow_of(const Crash& crash);

}  // namespace gopsy::analyze
