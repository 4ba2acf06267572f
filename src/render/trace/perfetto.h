#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "analyze/trace/state_counts.h"
#include "analyze/trace/study.h"
#include "render/trace/perfetto_packets.h"

namespace gopsy::render {

/// A trace as ui.perfetto.dev and its trace processor read it.
///
/// Yields  under one process: counters (heap, goal, GOMAXPROCS, goroutines by state), the garbage collector and stops
///         of the world, a track a P with who runs, a track a goroutine with slices of its states, below it its regions
///         and logs, and its mark assists; tasks. Arrows lead from where a goroutine is woken or created to what it
///         does then. Slices carry the stack of where the goroutine blocked or entered the system call, wake-ups that
///         of the waker.
/// Shape   times are those of the trace; what its goroutines still do in the end ends with it, regions and tasks that
///         nobody ends stay open. Numbers of goroutines are written at most once in `counter_period_ns`.
/// Cost    about 60 bytes an interval; memory for the goroutines that live and a bit a name.
class PerfettoTrace final : public model::TraceSink, private analyze::TracePart {
 public:
  struct Options {
    analyze::TraceRange range;
    /// By TraceLife::number: has a track. Empty: all have.
    std::vector<bool> chosen;
    std::int64_t counter_period_ns = 0;
    std::string title;  ///< of the process
  };

  PerfettoTrace(model::Symbols& symbols, Options options, TextSink sink);

  void generation(const model::TraceTables& tables, const model::TraceNames& names) override;
  void events(std::span<const model::TraceEvent> chunk) override;
  /// The trace is read.
  void finish_trace();
  [[nodiscard]] std::uint64_t bytes() const { return packets_.bytes(); }

 private:
  using TracePart::generation;
  using Packets = PerfettoPackets;

  // What hangs at a row of goroutines.
  struct Row {
    std::uint64_t arrow = 0;   // flow that its next slice ends
    std::uint32_t number = 0;  // of the goroutine whose tracks are described
    std::uint32_t regions = 0;
    StringId label;
    bool notes = false;  // its track of regions is described
    bool assists = false;
    bool assisting = false;
  };

  void step(const analyze::TraceContext& context, std::span<const model::TraceEvent> events,
            std::span<const analyze::StateInterval> ended) override;
  void one_event(const analyze::TraceContext& context, const model::TraceEvent& event);
  void one_interval(const analyze::TraceContext& context, const analyze::StateInterval& one);
  void on_proc(const analyze::TraceContext& context, const analyze::StateInterval& one);
  void slice(Packets::Event event, std::int64_t end_ns);
  void wake(const analyze::TraceContext& context, const model::TraceEvent& event, bool creates);
  void collector(const model::TraceEvent& event);
  void sweep(const analyze::TraceContext& context, const model::TraceEvent& event);
  void assist(const analyze::TraceContext& context, const model::TraceEvent& event);
  void region(const analyze::TraceContext& context, const model::TraceEvent& event);
  void log(const analyze::TraceContext& context, const model::TraceEvent& event);
  void task(const analyze::TraceContext& context, const model::TraceEvent& event);
  void counts(std::int64_t ns);
  void describe_fixed();

  [[nodiscard]] bool is_chosen(const analyze::TraceContext& context, std::uint32_t g) const;
  Row& row(const analyze::TraceContext& context, std::uint32_t g);
  std::uint64_t notes_track(const analyze::TraceContext& context, std::uint32_t g);
  std::uint64_t proc_track(std::uint32_t p);
  std::uint64_t state_name(const analyze::TraceContext& context, const analyze::StateInterval& one);
  [[nodiscard]] std::uint64_t proc_id(std::uint32_t p) const { return p < proc_ids_.size() ? proc_ids_[p] : p; }
  static std::string name_of(const analyze::TraceContext& context, std::uint32_t g);

  Options options_;
  Packets packets_;
  analyze::TraceStudy study_;
  analyze::StateCounts counts_;
  std::vector<Row> rows_;                     // by row of goroutine
  const model::TraceNames* names_ = nullptr;  // while the trace is read
  std::vector<std::uint64_t> proc_ids_;
  std::vector<bool> procs_;  // by row of P: its track is described
  std::vector<bool> sweeps_;
  std::map<std::uint64_t, std::uint64_t> tasks_;  // tracks of open ones
  std::uint64_t tasks_seen_ = 0;
  std::uint64_t flows_ = 0;
  bool collecting_ = false;
  bool stopped_ = false;
  bool any_ = false;
  std::int64_t from_ns_ = INT64_MIN;
  std::int64_t to_ns_ = INT64_MAX;
  std::int64_t counted_ns_ = INT64_MIN;
  bool changed_ = true;
};

}  // namespace gopsy::render
