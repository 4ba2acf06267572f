#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "base/error.h"
#include "base/string_table.h"
#include "decode/trace/generation.h"
#include "decode/trace/id_table.h"
#include "model/trace.h"

namespace gopsy::decode::trace {

/// The next event of a thread, read and not yet in order.
struct PendingEvent {
  std::int64_t time_ns = 0;
  std::array<std::uint64_t, 4> args{};
  model::TraceType type = model::TraceType::None;
};

/// Collects ordered events into chunks and hands them on. Times are made strictly increasing.
class EventWriter {
 public:
  explicit EventWriter(model::TraceSink& sink) : sink_(sink), chunk_(kChunk) {}

  /// Makes room for the events that one step can yield.
  void reserve() {
    if (used_ + kMostAtOnce > kChunk) flush();
  }
  model::TraceEvent& add(std::int64_t time_ns, model::TraceType type) {
    // At the end of time it stands still: only damage gets there.
    last_ns_ = time_ns > last_ns_ || last_ns_ == INT64_MAX ? std::max(time_ns, last_ns_) : last_ns_ + 1;
    model::TraceEvent& event = chunk_[used_++];
    event = {};
    event.time_ns = last_ns_;
    event.type = type;
    return event;
  }
  void flush() {
    if (used_ != 0) sink_.events(std::span<const model::TraceEvent>(chunk_.data(), used_));
    written_ += used_;
    used_ = 0;
  }

  /// How many stand in the chunk, and to be so many again: an event may turn out to be none.
  [[nodiscard]] std::size_t used() const { return used_; }
  void rewind(std::size_t used) { used_ = used; }
  /// Marks all from there on.
  void mark(std::size_t from, model::TraceEvent::Flag flag) {
    for (std::size_t i = from; i < used_; ++i) chunk_[i].flags |= flag;
  }

  [[nodiscard]] std::int64_t last_ns() const { return last_ns_; }
  void start_at(std::int64_t last_ns) { last_ns_ = last_ns; }
  /// So far, those of the chunk included.
  [[nodiscard]] std::uint64_t written() const { return written_ + used_; }
  [[nodiscard]] model::TraceSink& sink() { return sink_; }

 private:
  static constexpr std::size_t kChunk = 512;
  static constexpr std::size_t kMostAtOnce = 4;

  model::TraceSink& sink_;
  std::vector<model::TraceEvent> chunk_;
  std::size_t used_ = 0;
  std::uint64_t written_ = 0;
  std::int64_t last_ns_ = 0;
};

/// Plays the scheduler: knows what every goroutine, P and thread does, whether an event may come next, and what it
/// changes.
///
/// Shape   `advance` with the next event of any thread; Later: another thread's has to come first.
/// Yields  one event, or up to three, to the writer.
/// Errors  those of the official reader, which call the trace broken; a lenient one believes the event, marks it with
///         TraceEvent::kForced and counts it.
/// Cost    a hash look-up for each goroutine an event names beside the running one; no allocation but for new ones.
/// Source  internal/trace/order.go, read at go1.26.
class Ordering {
 public:
  enum class Step : std::uint8_t { Advanced, Later, Failed };

  Ordering(EventWriter& writer, Damage& damage);

  /// Events that follow belong to this generation.
  void begin(Generation& generation);
  /// After the last event of it: rows of goroutines that ended become free.
  void end();
  /// What was known does not hold any more: whatever follows is found, not created.
  void restart();

  /// `force`: takes the event though it should come later.
  Step advance(PendingEvent& event, std::uint32_t thread, bool force);
  Result<void> sample(const CpuSample& sample);

  std::uint32_t thread_row(std::uint64_t id);
  [[nodiscard]] const Error& error() const { return error_; }
  [[nodiscard]] const model::TraceNames& names() const { return names_; }
  [[nodiscard]] std::uint64_t goroutines() const { return goroutines_seen_; }

 private:
  static constexpr std::uint8_t kAbsent = 0xFF;

  // Positions in the order of one resource hold within a generation.
  struct Sequence {
    std::uint64_t generation = 0;
    std::uint64_t number = 0;
  };
  struct Goroutine {
    Sequence sequence;
    std::uint8_t status = kAbsent;
    bool assisting = false;
    bool has_stw = false;
    bool has_regions = false;
  };
  struct Proc {
    Sequence sequence;
    std::uint8_t status = kAbsent;
    bool sweeping = false;
  };
  struct Thread {
    std::uint32_t g = 0;
    std::uint32_t p = 0;
    bool seen = false;
  };
  struct Region {
    std::uint64_t task;
    StringId name;
    bool operator==(const Region&) const = default;
  };
  struct Task {
    StringId name;
    std::uint64_t parent;
  };
  enum class Gc : std::uint8_t { Undetermined, NotRunning, Running };
  enum class Need : std::uint8_t { Not, May, Must };
  // Where an event happens, and what it makes of that.
  struct Context {
    std::uint32_t g, p, m;
  };

  std::uint32_t goroutine_row(std::uint64_t id);
  std::uint32_t proc_row(std::uint64_t id);
  bool succeeds(const Sequence& last, std::uint64_t number) const {
    return last.generation == generation_ && number == last.number + 1;
  }

  /// True: go on. Strict: false, with an error.
  bool tolerate(const char* what, std::uint64_t a = 0, std::uint64_t b = 0);
  bool fits(const Context& context, Need p, Need g);
  model::TraceEvent& emit(const PendingEvent& event, const Context& context);
  bool set_stack(model::TraceEvent& event, std::uint64_t id);
  std::uint32_t stack_row(std::uint64_t id);
  std::uint32_t string_row(std::uint64_t id);

  Step dispatch(PendingEvent& event, Context context, Context& next, bool force);
  Step proc_status(const PendingEvent& event, Context context, Context& next);
  Step proc_start(const PendingEvent& event, const Context& context, Context& next, bool force);
  Step proc_stop(const PendingEvent& event, const Context& context, Context& next);
  Step proc_steal(const PendingEvent& event, const Context& context, Context& next, bool force);
  Step go_status(const PendingEvent& event, Context context, Context& next);
  Step go_create(const PendingEvent& event, const Context& context);
  Step go_stop(const PendingEvent& event, const Context& context, Context& next);
  Step go_start(const PendingEvent& event, const Context& context, Context& next, bool force);
  Step go_unblock(const PendingEvent& event, const Context& context, bool force);
  Step go_switch(const PendingEvent& event, const Context& context, Context& next, bool force);
  Step syscall_begin(const PendingEvent& event, const Context& context);
  Step syscall_end(const PendingEvent& event, const Context& context);
  Step syscall_end_blocked(const PendingEvent& event, const Context& context, Context& next, bool force);
  Step create_syscall(const PendingEvent& event, const Context& context, Context& next);
  Step destroy_syscall(const PendingEvent& event, const Context& context, Context& next);
  Step task_begin(const PendingEvent& event, const Context& context);
  Step task_end(const PendingEvent& event, const Context& context);
  Step region(const PendingEvent& event, const Context& context);
  Step gc(const PendingEvent& event, const Context& context, bool force);
  Step sweep(const PendingEvent& event, const Context& context);
  Step assist(const PendingEvent& event, const Context& context);
  Step stw(const PendingEvent& event, const Context& context);
  Step annotation(const PendingEvent& event, const Context& context);
  Step experimental(const PendingEvent& event, const Context& context);
  void destroy(std::uint32_t g);

  EventWriter& writer_;
  Damage& damage_;
  Generation* tables_ = nullptr;
  std::uint64_t generation_ = 0;
  bool first_ = true;  // nothing was known before this generation
  bool forced_ = false;
  Error error_{};

  model::TraceNames names_;
  IdTable goroutine_ids_;
  IdTable proc_ids_;
  IdTable thread_ids_;
  std::vector<Goroutine> goroutines_;
  std::vector<Proc> procs_;
  std::vector<Thread> threads_;
  std::uint64_t goroutines_seen_ = 0;
  std::uint64_t gone_ = 0;

  StringTable texts_;  // of tasks and regions, which may end in a later generation
  std::unordered_map<std::uint64_t, Task> tasks_;
  std::unordered_map<std::uint32_t, std::vector<Region>> regions_;
  std::unordered_map<std::uint32_t, std::vector<std::uint64_t>> stw_;
  std::uint64_t gc_sequence_ = 0;
  Gc gc_ = Gc::Undetermined;
};

}  // namespace gopsy::decode::trace
