#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "analyze/trace/question.h"
#include "analyze/trace/time_sums.h"
#include "analyze/trace/whole_trace.h"
#include "model/trace.h"

namespace gopsy::analyze {

/// The goroutine that a row of TraceNames stands for at present.
struct TraceLife {
  std::uint64_t goid = 0;
  std::uint64_t creator = 0;      ///< id of the goroutine that ran `go`; 0: the trace does not say
  std::int64_t born_ns = 0;       ///< when it was created or, if `found`, first mentioned
  std::uint32_t number = 0;       ///< of all goroutines in the trace, from 1 in the order of first mention; 0: nobody
  std::uint32_t start_stack = 0;  ///< row of TraceStacks: where it begins, or the stack that it was found with
  std::uint32_t creation_stack = 0;  ///< where its creator stood
  StringId function;                 ///< that it began in; learnt later perhaps, of goroutines that were found
  bool found = false;                ///< was there before the trace
  bool ran = false;                  ///< in the trace
};

/// What one goroutine did from one change of its state to the next.
struct StateInterval {
  enum Flag : std::uint8_t {
    kFound = 1,        ///< nobody saw it begin: it was so when the goroutine was first mentioned
    kOpen = 2,         ///< nobody saw it end: the trace, or the range of time asked for, is over
    kCut = 4,          ///< it began before the range of time asked for
    kUnstarted = 8,    ///< the goroutine had not run in the trace before it ended
    kStackLater = 16,  ///< the event that began it had no stack: `stack` is what a later generation says of it
  };

  std::int64_t begin_ns = 0;
  std::int64_t end_ns = 0;
  std::uint64_t begun_by =
      0;                ///< goroutine id: of Runnable who woke or created it, else itself; 0: nobody (network, timer)
  std::uint32_t g = 0;  ///< row of TraceNames and of TraceContext::lives
  std::uint32_t stack = 0;      ///< row of TraceStacks: of the event that began it. Of Runnable: where its waker stood
  std::uint32_t ended_by = 0;   ///< row of TraceNames: who ran when it ended. Of Waiting: the waker; 0: nobody
  std::uint32_t end_stack = 0;  ///< row of TraceStacks: of the event that ended it. Of Waiting: where its waker stood
  StringId reason;              ///< of Waiting, and of Runnable after GoStop: as the runtime names it
  std::uint32_t p = 0;          ///< row of TraceNames: where it ran, or whence it went into a system call or to wait
  std::uint32_t m = 0;
  std::uint32_t at = 0;  ///< index in `events` of the step, of the event that ended it
  model::GoState state = model::GoState::NotExist;
  model::GoState next = model::GoState::NotExist;  ///< NotExist: the goroutine ended
  model::TraceType begun = model::TraceType::None;
  model::TraceType ended = model::TraceType::None;
  std::uint8_t flags = 0;

  [[nodiscard]] bool is(Flag flag) const { return (flags & flag) != 0; }
  [[nodiscard]] std::int64_t length_ns() const { return between(begin_ns, end_ns); }
};

/// What all parts of a study may look at.
struct TraceContext {
  WholeTrace& whole;
  const model::TraceTables* tables = nullptr;  ///< of the generation at hand
  const model::TraceNames* names = nullptr;
  std::vector<TraceLife> lives;  ///< a row each of TraceNames::goroutines
  std::int64_t first_ns = 0;     ///< of the range of time asked for, or of the trace
  std::int64_t last_ns = 0;      ///< so far; in the end that of the range, or of the last event

  [[nodiscard]] std::uint64_t goid(std::uint32_t g) const { return g < lives.size() ? lives[g].goid : 0; }
};

/// One analysis of a trace: it sees what happened, in order and once, and keeps what it wants of it.
///
/// Shape   a step is a chunk of events and the intervals that they ended, in order; `at` of an interval tells by which.
///         A goroutine's row is safe to keep until the interval with next = NotExist, or kOpen: the row may stand for
///         another one in the next step. In `finish` come the intervals that nothing ended, by row.
class TracePart {
 public:
  virtual ~TracePart() = default;
  virtual void generation(const TraceContext& context) { static_cast<void>(context); }
  /// Events before the range of time asked for, without their intervals: what is going on when it begins.
  virtual void before(const TraceContext& context, std::span<const model::TraceEvent> events) {
    static_cast<void>(context);
    static_cast<void>(events);
  }
  virtual void step(const TraceContext& context, std::span<const model::TraceEvent> events,
                    std::span<const StateInterval> ended) = 0;
  /// Nothing more comes.
  virtual void finish(const TraceContext& context) { static_cast<void>(context); }
};

/// Runs analyses over one trace, all in one pass: keeps what each goroutine is doing and cuts their lives into
/// intervals.
///
/// Shape   a sink for one trace; `finish` once it is read. Outside `range` nothing is handed on, and intervals are cut
///         to it.
/// Cost    about 15 ns an event beside what the parts do; memory for the goroutines that live.
class TraceStudy final : public model::TraceSink {
 public:
  TraceStudy(model::Symbols& symbols, std::vector<TracePart*> parts, TraceRange range = {});

  void generation(const model::TraceTables& tables, const model::TraceNames& names) override;
  void events(std::span<const model::TraceEvent> chunk) override;
  void finish();

  [[nodiscard]] const TraceContext& context() const { return context_; }
  WholeTrace& whole() { return whole_; }

 private:
  // What a goroutine has been doing since when.
  struct Doing {
    std::int64_t since_ns = INT64_MIN;
    std::uint64_t begun_by = 0;
    std::uint32_t stack = 0;
    StringId reason;
    std::uint32_t p = 0;
    std::uint32_t m = 0;
    model::GoState state = model::GoState::NotExist;
    model::TraceType begun = model::TraceType::None;
    bool found = false;
    bool stack_later = false;
  };

  void change(const model::TraceEvent& event, std::uint32_t at);
  void begin_life(const model::TraceEvent& event, TraceLife& life);
  void end_interval(std::uint32_t g, const model::TraceEvent& event, std::uint32_t at);
  void end_open();
  void hand_on(std::span<const model::TraceEvent> events);

  WholeTrace whole_;
  TraceContext context_;
  std::vector<TracePart*> parts_;
  TraceRange range_;
  std::vector<Doing> doing_;
  std::vector<StateInterval> ended_;
  std::uint32_t goroutines_ = 0;
  bool any_ = false;
  bool new_generation_ = false;
  std::int64_t sync_ns_ = INT64_MIN;  // when the generation at hand began
  bool over_ = false;
  std::int64_t from_ns_ = INT64_MIN;
  std::int64_t to_ns_ = INT64_MAX;
};

}  // namespace gopsy::analyze
