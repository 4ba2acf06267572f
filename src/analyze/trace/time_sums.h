#pragma once

#include <algorithm>
#include <cstdint>

#include "model/trace_event.h"
#include "model/trace_times.h"

namespace gopsy::analyze {

// Damaged times may be as far apart as numbers go: differences and sums end at the largest.
inline std::int64_t between(std::int64_t from_ns, std::int64_t to_ns) {
  std::int64_t ns = 0;
  return __builtin_sub_overflow(to_ns, from_ns, &ns) ? INT64_MAX : ns;
}

/// The same for ends that may stand in either order: nothing lasts less than no time.
inline std::int64_t gap_ns(std::int64_t from_ns, std::int64_t to_ns) {
  return to_ns <= from_ns ? 0 : between(from_ns, to_ns);
}

inline std::int64_t later(std::int64_t ns, std::int64_t by) {
  std::int64_t sum = 0;
  return __builtin_add_overflow(ns, by, &sum) ? INT64_MAX : sum;
}

inline void add_ns(std::int64_t& sum_ns, std::int64_t ns) { sum_ns = later(sum_ns, ns); }

inline void add_ns(model::TraceStates& states, model::GoState state, std::int64_t ns) {
  switch (state) {
    case model::GoState::Running: return add_ns(states.running_ns, ns);
    case model::GoState::Runnable: return add_ns(states.runnable_ns, ns);
    case model::GoState::Waiting: return add_ns(states.waiting_ns, ns);
    case model::GoState::Syscall: return add_ns(states.syscall_ns, ns);
    default: return add_ns(states.unknown_ns, ns);
  }
}

inline void add_ns(model::TraceStates& sum, const model::TraceStates& states) {
  add_ns(sum.running_ns, states.running_ns);
  add_ns(sum.runnable_ns, states.runnable_ns);
  add_ns(sum.waiting_ns, states.waiting_ns);
  add_ns(sum.syscall_ns, states.syscall_ns);
  add_ns(sum.unknown_ns, states.unknown_ns);
}

}  // namespace gopsy::analyze
