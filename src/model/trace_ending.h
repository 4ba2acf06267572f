#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/ids.h"
#include "model/trace_event.h"

namespace gopsy::model {

/// What a goroutine did from one change of its state to the next, told so that it outlives the trace.
struct TracePast {
  std::int64_t begin_ns = 0;
  std::int64_t end_ns = 0;
  std::uint64_t begun_by = 0;  ///< goroutine id. Of Runnable: who woke or created it; 0: nobody (network, timer)
  std::uint64_t ended_by = 0;  ///< goroutine id. Of Waiting: the waker; 0: nobody
  std::uint32_t stack = 0;  ///< row of TraceStacks: where it stood when this began. Of Runnable: where its waker stood
  std::uint32_t end_stack = 0;  ///< of the event that ended it. Of Waiting: where its waker stood
  StringId reason;              ///< of Waiting, and of Runnable after GoStop
  GoState state = GoState::NotExist;
  TraceType begun = TraceType::None;
  TraceType ended = TraceType::None;
  bool found = false;  ///< nobody saw it begin

  [[nodiscard]] std::int64_t length_ns() const {
    std::int64_t ns = 0;
    return __builtin_sub_overflow(end_ns, begin_ns, &ns) ? INT64_MAX : ns;
  }
};

/// How a trace ends: what each goroutine that lives does, since when, and what it did before. A process that crashes
/// while it is traced leaves the goroutine that crashed among them.
///
/// Shape   `goroutines` by id. Beyond the first kMost of them, and of the memory of the first kRemembered, nothing is
///         kept; what is left out is counted.
struct TraceEnding {
  static constexpr std::size_t kMost = 200'000;
  static constexpr std::size_t kRemembered = 32'768;
  static constexpr std::size_t kPast = 12;  ///< intervals of each

  struct Goroutine {
    std::uint64_t id = 0;
    std::uint64_t creator = 0;  ///< goroutine id; 0: the trace does not say
    std::int64_t born_ns = 0;
    StringId function;  ///< that it began in
    std::uint32_t start_stack = 0;
    std::uint32_t creation_stack = 0;  ///< where its creator stood
    bool found = false;                ///< was there before the trace
    TracePast now;                     ///< what it does when the trace ends
    std::int64_t running_ns = 0;
    std::uint64_t starts = 0;  ///< how often it began to run
    std::uint32_t first_past = 0;
    std::uint32_t pasts = 0;
  };

  /// Of the goroutines that begin in one function.
  struct Function {
    StringId name;
    std::uint64_t created = 0;  ///< in the trace
    std::uint64_t ended = 0;    ///< of those
    std::uint64_t found = 0;    ///< were there before it
    std::uint64_t found_ended = 0;
  };

  std::int64_t first_ns = 0;
  std::int64_t last_ns = 0;
  std::int64_t last_end_ns = INT64_MIN;  ///< when the last goroutine of the program's own ended
  std::vector<Goroutine> goroutines;
  std::uint64_t left_out = 0;
  std::vector<TracePast> past;
  std::vector<Function> functions;  ///< in the order of their first goroutine's end

  [[nodiscard]] const Goroutine* find(std::uint64_t id) const;
  /// The last intervals of a goroutine, oldest first, `now` not among them.
  [[nodiscard]] std::span<const TracePast> past_of(const Goroutine& g) const {
    return std::span(past).subspan(g.first_past, g.pasts);
  }
  [[nodiscard]] std::int64_t wall_ns() const {
    std::int64_t ns = 0;
    return __builtin_sub_overflow(last_ns, first_ns, &ns) ? INT64_MAX : ns;
  }
};

}  // namespace gopsy::model
