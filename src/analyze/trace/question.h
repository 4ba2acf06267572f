#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

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
  /// Profiles: says of a start function whether to count its goroutines. Empty: all of them.
  std::function<bool(std::string_view function)> profiled;
};

}  // namespace gopsy::analyze
