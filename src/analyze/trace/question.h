#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

namespace gopsy::analyze {

/// Nanoseconds since the first event; the whole trace by default.
struct TraceRange {
  std::int64_t from_ns = 0;
  std::int64_t to_ns = INT64_MAX;

  [[nodiscard]] bool whole() const { return from_ns <= 0 && to_ns == INT64_MAX; }
};

/// Which goroutines to keep a row each of, and to count in profiles.
struct GoroutineQuestion {
  enum class Order : std::uint8_t { Running, Runnable, Blocked, Syscall, Assist, Life };

  Order order = Order::Running;
  std::size_t limit = 0;  ///< the first so many in that order; SIZE_MAX: all
  std::function<bool(std::string_view)>
      function;            ///< of those whose start function it likes, in profiles too; empty: of all
  std::uint64_t goid = 0;  ///< only of this one; 0: of all
};

/// What counts as not being the program's own work in the curve of mutator utilisation.
struct MutatorQuestion {
  bool stops = true;       ///< the world is stopped for the collector
  bool background = true;  ///< mark workers
  bool assists = true;     ///< goroutines that help to mark
  bool sweeps = false;     ///< goroutines that sweep
  bool per_proc = false;   ///< each P by itself: the worst of them
};

/// What the user wants to know of a trace.
struct TraceQuestion {
  TraceRange range;
  std::int64_t threshold_ns = 10'000'000;  ///< from how long on a block or a run is worth a word
  GoroutineQuestion goroutines;
  std::uint64_t goid = 0;                  ///< tell the life of this goroutine
  std::optional<MutatorQuestion> mutator;  ///< compute the whole curve
  bool profiles_only = false;              ///< make nothing but profiles: half the time
};

}  // namespace gopsy::analyze
