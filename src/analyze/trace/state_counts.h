#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "model/trace_changes.h"

namespace gopsy::analyze {

/// How many goroutines are in each state at the moment.
///
/// Shape   `take` every event of the trace from its first on, in order.
/// Cost    a few nanoseconds an event; a byte a row of goroutines.
class StateCounts {
 public:
  /// Whether a number changed.
  bool take(const model::TraceEvent& event) {
    if (!model::changes_goroutine(event.type) || event.subject == 0) return false;
    if (event.subject >= states_.size()) states_.resize(event.subject + 1);
    auto to = static_cast<model::GoState>(event.to);
    if (event.to >= counts_.size()) to = model::GoState::Undetermined;
    model::GoState& state = states_[event.subject];
    if (state == to) return false;
    --counts_[static_cast<std::size_t>(state)];
    ++counts_[static_cast<std::size_t>(to)];
    state = to;
    return true;
  }

  [[nodiscard]] std::int64_t of(model::GoState state) const { return counts_[static_cast<std::size_t>(state)]; }

 private:
  std::vector<model::GoState> states_;
  std::array<std::int64_t, 6> counts_{};  // of those that do not exist: no number
};

}  // namespace gopsy::analyze
