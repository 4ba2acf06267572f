#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "model/symbols.h"

namespace gopsy::model {

/// One place that stacks of a trace go through.
struct TracePlace {
  std::uint64_t pc = 0;
  FrameId frame;
};

/// The stacks of a whole trace, whose generations number theirs anew each.
///
/// Shape   equal stacks have equal rows. Row 0 is no stack; row kLost one that the file no longer holds.
struct TraceStacks {
  static constexpr std::uint32_t kLost = 1;

  std::vector<TracePlace> places;
  std::vector<std::uint32_t> rows;            ///< of `places`, leaf first
  std::vector<std::uint32_t> start{0, 0, 0};  ///< of stack i: start[i] to start[i + 1] in `rows`

  [[nodiscard]] std::size_t size() const { return start.size() - 1; }
  [[nodiscard]] std::span<const std::uint32_t> stack(std::uint32_t row) const {
    if (row + std::size_t{1} >= start.size()) return {};
    return std::span(rows).subspan(start[row], start[row + 1] - start[row]);
  }
};

}  // namespace gopsy::model
