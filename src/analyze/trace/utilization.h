#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "analyze/trace/question.h"
#include "analyze/trace/study.h"

namespace gopsy::analyze {

/// From here on the program itself has this share of the processors.
struct UtilizationChange {
  std::int64_t time_ns = 0;
  double utilization = 1;
};

/// Tells how much of the processors the program itself has, as it changes: all, but for what the garbage collector
/// takes.
///
/// Shape   one series, or one for each P with MutatorQuestion::per_proc. `event` in order; nothing is told before
///         `start`. Series begin with what is so then and end with a change to 0.
/// Cost    a table look-up an event.
/// Source  MutatorUtilizationV2 of internal/trace/gc.go, read at go1.26; but a mark worker counts once however often it
///         ran, and one that helps to mark only while it executes.
class Utilization {
 public:
  struct Sink {
    virtual ~Sink() = default;
    /// In order of time in each series.
    virtual void change(std::uint32_t series, UtilizationChange change) = 0;
    /// One P more, in one series, did not work for the program since the trace began: `share` less of what was told.
    virtual void less_from_start(double share) = 0;
  };

  Utilization(MutatorQuestion question, Sink& sink) : question_(question), sink_(sink) {}

  void event(const TraceContext& context, const model::TraceEvent& event);
  /// Does `event` want to see it? Most it does not.
  [[nodiscard]] bool wants(const model::TraceEvent& event) const {
    const auto bit = static_cast<unsigned>(event.type);
    if (bit < 64 && (kSeen >> bit & 1) != 0) return true;
    return event.subject < marks_.size() && marks_[event.subject] != 0;
  }
  void start(std::int64_t ns);
  void finish(std::int64_t ns);

  [[nodiscard]] const MutatorQuestion& question() const { return question_; }

 private:
  struct Proc {
    std::uint32_t busy = 0;  // with the collector: so many reasons
    std::uint32_t series = 0;
    double told = -1;
  };

  static constexpr std::uint64_t kSeen = [] {
    using enum model::TraceType;
    std::uint64_t seen = 0;
    for (const auto type : {Sync, ProcsChange, StwBegin, StwEnd, SweepActive, SweepBegin, SweepEnd, AssistActive,
                            AssistBegin, AssistEnd, GoLabel})
      seen |= std::uint64_t{1} << static_cast<unsigned>(type);
    return seen;
  }();
  enum Mark : std::uint8_t { kAssists = 1, kWorker = 2 };

  void assist(const TraceContext& context, const model::TraceEvent& event);
  void label(const TraceContext& context, const model::TraceEvent& event);
  void goroutine(const TraceContext& context, const model::TraceEvent& event);
  void procs(std::uint64_t count, std::int64_t ns);
  void take(const TraceContext& context, std::uint32_t p_row);
  void give(const TraceContext& context, std::uint32_t p_row);
  Proc* proc(const TraceContext& context, std::uint32_t p_row);
  void late_news();
  void tell(std::int64_t ns);
  [[nodiscard]] bool early() const { return syncs_ <= 1; }  // the first generation tells what was before it, too

  MutatorQuestion question_;
  Sink& sink_;
  std::vector<Proc> procs_;          // by the id of the P
  std::vector<std::uint8_t> marks_;  // by row of goroutine
  std::uint32_t busy_ = 0;           // Ps with the collector
  std::uint32_t stops_ = 0;
  std::uint32_t series_ = 0;
  std::uint64_t syncs_ = 0;
  bool started_ = false;
  double told_ = -1;
};

}  // namespace gopsy::analyze
