#pragma once

#include <cstdint>

namespace gopsy::analyze {

/// Nanoseconds since the first event; the whole trace by default.
struct TraceRange {
  std::int64_t from_ns = 0;
  std::int64_t to_ns = INT64_MAX;
};

/// What the user wants to know of a trace.
struct TraceQuestion {
  TraceRange range;
  std::int64_t threshold_ns = 10'000'000;  ///< from how long on a block or a run is worth a word
};

}  // namespace gopsy::analyze
