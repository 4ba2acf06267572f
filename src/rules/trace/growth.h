#pragma once

#include <array>
#include <vector>

#include "rules/trace/traces.h"

namespace gopsy::rules {

/// Fewer that were left behind are no growth.
constexpr std::uint64_t kFewestLeft = 8;

/// Goroutines of one start function that began in the trace and live when it ends, made all along it.
struct LeftBehind {
  const model::TraceEnding::Function* function = nullptr;
  std::uint64_t goroutines = 0;
  std::array<std::uint64_t, 4> quarters{};  ///< of the trace in which they were made
  std::int64_t least_age_ns = 0;            ///< that they have waited, each
  std::vector<EndGroup> groups;             ///< of those that wait, the largest first
};

/// Those that have waited for another goroutine for a tenth of the trace (and ten thresholds) without being woken.
/// Worker pools are not among them: those are made at once.
std::vector<LeftBehind> left_behind(const Trace& trace);

/// Those that do something now and then: loops that nobody ends. None that left_behind has.
std::vector<LeftBehind> lingering(const Trace& trace);

}  // namespace gopsy::rules
