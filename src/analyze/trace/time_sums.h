#pragma once

#include <algorithm>
#include <cstdint>

#include "model/trace_event.h"
#include "model/trace_times.h"

namespace gopsy::analyze {

// Damaged times may be as far apart as numbers go: sums end at the largest, and nothing lasts less than no time.
inline std::int64_t gap_ns(std::int64_t from_ns, std::int64_t to_ns) {
  std::int64_t ns = 0;
  if (to_ns <= from_ns) return 0;
  return __builtin_sub_overflow(to_ns, from_ns, &ns) ? INT64_MAX : ns;
}

inline void grow_ns(std::int64_t& sum_ns, std::int64_t ns) {
  if (__builtin_add_overflow(sum_ns, ns, &sum_ns)) sum_ns = INT64_MAX;
}

inline void grow_ns(model::TraceStates& states, model::GoState state, std::int64_t ns) {
  switch (state) {
    case model::GoState::Running: return grow_ns(states.running_ns, ns);
    case model::GoState::Runnable: return grow_ns(states.runnable_ns, ns);
    case model::GoState::Waiting: return grow_ns(states.waiting_ns, ns);
    case model::GoState::Syscall: return grow_ns(states.syscall_ns, ns);
    default: return grow_ns(states.unknown_ns, ns);
  }
}

inline void grow_ns(model::TraceStates& sum, const model::TraceStates& states) {
  grow_ns(sum.running_ns, states.running_ns);
  grow_ns(sum.runnable_ns, states.runnable_ns);
  grow_ns(sum.waiting_ns, states.waiting_ns);
  grow_ns(sum.syscall_ns, states.syscall_ns);
  grow_ns(sum.unknown_ns, states.unknown_ns);
}

}  // namespace gopsy::analyze
