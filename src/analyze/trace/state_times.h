#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "analyze/trace/durations.h"
#include "analyze/trace/goroutine_rows.h"
#include "analyze/trace/phases.h"
#include "analyze/trace/study.h"
#include "model/trace_times.h"

namespace gopsy::analyze {

/// "running", "runnable", "system call", or what it was blocked on.
std::string state_words(const TraceContext& context, const StateInterval& one);

/// Sums up what goroutines do with their time: each, those of a start function, and all.
///
/// Shape   a part of a study; `take` once it is finished. Goroutines that live on are taken to do so until the end.
/// Cost    about 7 ns an interval; memory for the goroutines that live, and one row a start function and reason.
/// Source  what the figures mean is that of internal/trace/summary.go, read at go1.26, but for what docs/trace.md
/// names.
class StateTimes final : public TracePart {
 public:
  explicit StateTimes(GoroutineQuestion question = {}) : rows_(std::move(question)) {}

  void before(const TraceContext& context, std::span<const model::TraceEvent> events) override;
  void step(const TraceContext& context, std::span<const model::TraceEvent> events,
            std::span<const StateInterval> ended) override;
  void finish(const TraceContext& context) override;

  model::TraceTimes take() { return std::move(times_); }

 private:
  static constexpr std::uint32_t kNone = UINT32_MAX;
  static constexpr std::int64_t kNever = INT64_MIN;

  // What the goroutine of a row did so far.
  struct Life {
    std::array<std::int64_t, 6> ns{};  // by state
    std::int64_t born_ns = kNever;
    std::int64_t ran_ns = kNever;
    std::int64_t stolen_ns = kNever;  // when the P of its system call was taken
    std::int64_t syscall_blocked_ns = 0;
    std::int64_t mark_at_birth_ns = 0;
    std::int64_t stop_at_birth_ns = 0;
    std::uint32_t runs = 0;
    std::uint32_t waits = 0;
    std::uint32_t syscalls = 0;
    std::uint32_t syscalls_blocked = 0;
    std::uint32_t blocked = kNone;  // the first of its list in on_
    std::uint32_t function = kNone;
    StringId named;  // what `function` is the row of
  };
  // Ranges that are going on in it, and were.
  struct Range {
    std::int64_t since_ns = kNever;
    std::int64_t total_ns = 0;
    std::uint32_t count = 0;
  };
  struct Ranges {
    Range assist;
    Range sweep;
    Range stop;
  };
  // What the goroutine was blocked on: a list each.
  struct On {
    std::uint32_t next = kNone;
    std::uint32_t reason = 0;
    std::uint64_t count = 0;
    std::int64_t total_ns = 0;
  };
  // The same of a function while it is summed up, and what TraceTimes has no room for.
  struct FunctionSums {
    std::unique_ptr<CoarseHistogram> latency;
    bool liked = false;
  };
  using Rows = std::map<StringId, std::uint32_t>;

  void make_room(const TraceContext& context);
  void event(const TraceContext& context, const model::TraceEvent& event, bool counts);
  void born(const TraceContext& context, const model::TraceEvent& event);
  void phase(const TraceContext& context, const model::TraceEvent& event);
  void range(const TraceContext& context, const model::TraceEvent& event);
  void stop(const TraceContext& context, const model::TraceEvent& event);
  void interval(const TraceContext& context, const StateInterval& one);
  void blocked(const TraceContext& context, Life& life, StringId reason, std::int64_t ns);
  void waited(const TraceContext& context, Life& life, const StateInterval& one, std::int64_t ns);
  void end_life(const TraceContext& context, const StateInterval& one);
  void keep_row(const TraceContext& context, const StateInterval& one, const Life& life,
                const model::TraceStates& states, const model::TraceSpent& spent);
  std::uint32_t function_of(const TraceContext& context, std::uint32_t g);
  void order_reasons();

  static std::uint32_t reason_row(const TraceContext& context, std::vector<model::TraceTimes::Reason>& rows,
                                  Rows& index, StringId name);

  model::TraceTimes times_;
  GoroutineRows rows_;
  Rows blocked_rows_;
  Rows stop_rows_;
  Rows function_rows_;
  struct Recent {
    StringId name;
    std::uint32_t row = kNone;
  };
  std::array<Recent, 64> recent_reasons_;  // by the low bits of the id
  StringId gosched_;
  std::vector<FunctionSums> functions_;  // by row of times_.functions
  std::vector<Life> lives_;              // by row of goroutine
  std::vector<Ranges> ranges_;           // by row of goroutine
  std::vector<On> on_;
  std::uint32_t free_on_ = kNone;
  std::vector<std::uint32_t> in_syscall_;  // by row of P: which goroutine took it into a system call
  std::vector<std::uint32_t> sweeping_;    // by row of P: which goroutine began
  PhaseClock marking_;
  PhaseClock stopping_;
  std::int64_t sync_ns_ = kNever;
  std::int64_t mark_at_sync_ns_ = 0;
  std::int64_t stop_at_sync_ns_ = 0;

  FineHistogram latency_;
  FineHistogram after_unblock_;
  FineHistogram after_create_;
  FineHistogram after_preempt_;
  FineHistogram after_syscall_;
};

}  // namespace gopsy::analyze
