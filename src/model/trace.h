#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/trace_event.h"

namespace gopsy::model {

/// One place of a stack.
struct TraceFrame {
  std::uint64_t pc = 0;
  std::uint64_t line = 0;
  std::uint32_t function = 0;     ///< row of TraceTables::strings
  std::uint32_t file = 0;         ///< row of TraceTables::strings
  std::uint32_t first_of_pc = 0;  ///< the first frame of this table with the same pc: what go tool trace prints for all
};

/// Three clocks read at one moment, from Go 1.25 on.
struct TraceClock {
  std::int64_t trace_ns = 0;  ///< on the clock of the events
  std::uint64_t mono_ns = 0;
  std::int64_t wall_s = 0;
  std::int64_t wall_ns = 0;  ///< beyond wall_s, below 10^9 unless the trace is damaged
};

/// Names and stacks of one generation. Ids of the file are gone: rows are dense.
///
/// Shape   row 0 is the empty string and the missing stack; row kLost stands for what the file does not hold.
struct TraceTables {
  static constexpr std::uint32_t kLost = 1;

  std::uint64_t generation = 0;
  std::vector<std::string_view> strings;
  std::vector<std::uint32_t> stack_start{0};  ///< of row i: stack_start[i] to stack_start[i + 1] in stack_frames
  std::vector<std::uint32_t> stack_frames;    ///< rows of `frames`, leaf first
  std::vector<TraceFrame> frames;
  std::optional<TraceClock> clock;

  [[nodiscard]] std::string_view text(std::uint64_t row) const {
    return row < strings.size() ? strings[row] : std::string_view();
  }
  [[nodiscard]] std::span<const std::uint32_t> stack(std::uint64_t row) const {
    if (row >= stack_start.size() - 1) return {};
    return std::span(stack_frames).subspan(stack_start[row], stack_start[row + 1] - stack_start[row]);
  }
};

/// What the file calls the goroutines, processors and threads whose rows events name. Row 0 is nobody (-1).
struct TraceNames {
  std::vector<std::uint64_t> goroutines;
  std::vector<std::uint64_t> procs;
  std::vector<std::uint64_t> threads;
};

/// Takes the events of one trace, in order.
///
/// Shape   `generation` before the events of each generation, the first of which is a Sync; `events` in chunks. The
///         tables and the views in them hold until the next `generation`. A row of TraceNames means one goroutine as
///         long as it lives and at least until the generation ends; rows of goroutines that ended are given anew in
///         later generations, so an analysis starts afresh where a goroutine is created or found.
class TraceSink {
 public:
  virtual ~TraceSink() = default;
  virtual void generation(const TraceTables& tables, const TraceNames& names) = 0;
  virtual void events(std::span<const TraceEvent> chunk) = 0;
};

/// One record as it stands in a v2 file, structure included.
struct TraceRecord {
  TraceType type = TraceType::None;
  std::span<const std::uint64_t> args;  ///< of a stack: id, count, then pc, function, file, line of each frame
  std::string_view data;                ///< of strings and experimental batches
};

class TraceRecordSink {
 public:
  virtual ~TraceRecordSink() = default;
  virtual void record(const TraceRecord& record) = 0;
};

/// A place where a trace is damaged.
struct TraceDamage {
  std::uint64_t offset = 0;  ///< in the file
  std::uint64_t bytes = 0;   ///< that could not be read, if any
  std::uint64_t generation = 0;
  std::string what;
};

/// What was read of a trace and what was not.
struct TraceReport {
  unsigned format = 0;  ///< 22 of "go 1.22 trace"
  std::uint64_t generations = 0;
  std::uint64_t events = 0;  ///< handed on, Sync included
  std::int64_t first_ns = 0;
  std::int64_t last_ns = 0;
  std::uint64_t goroutines = 0;     ///< seen, by creation or status
  std::uint64_t samples = 0;        ///< CPU samples
  std::optional<TraceClock> clock;  ///< the first of the trace

  // Of damaged traces. A whole one has none of these.
  std::uint64_t bytes = 0;
  std::uint64_t lost_bytes = 0;    ///< that no event could be read from
  std::uint64_t forced = 0;        ///< events that contradict what came before
  std::uint64_t lost_stacks = 0;   ///< events whose stack is in no table
  std::uint64_t lost_strings = 0;  ///< events with a name that is in no table
  std::uint64_t damages = 0;       ///< places; the first few are in `damaged`
  std::vector<TraceDamage> damaged;
  bool unfinished = false;     ///< the writer did not come to close it: the last generation lacks its end
  bool guessed_clock = false;  ///< some generation has no frequency: that of the one before it, or Linux's, was taken
};

}  // namespace gopsy::model
