#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "model/symbols.h"
#include "model/traceback.h"

namespace gopsy::analyze {

/// A pointer argument of a recursion that takes the same few values in turn: the recursion walks data that leads
/// back to itself, so it is endless, not merely deep.
struct ArgumentRing {
  const model::TracebackFrame* frame = nullptr;  ///< the innermost call that shows it; null if there is none
  std::size_t argument = 0;                      ///< from 0, the receiver counted
  std::vector<std::uint64_t> values;             ///< in turn
};

/// Looks at the arguments of `function` in `frames` (leaf first). Only words that the runtime does not mark with "?"
/// and that can be pointers count, and they must come round at least three times.
ArgumentRing argument_ring(std::span<const model::TracebackFrame> frames, StringId function,
                           const model::Symbols& symbols);

}  // namespace gopsy::analyze
