#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "analyze/trace/phases.h"
#include "analyze/trace/sliding_minimum.h"
#include "analyze/trace/study.h"
#include "analyze/trace/utilization.h"
#include "model/trace_gc.h"

namespace gopsy::analyze {

/// What the garbage collector did, when the world stood still, and how much of the processors was left.
///
/// Shape   a part of a study; `take` once it is finished.
/// Cost    about 1.5 ns an event; memory for the changes of utilisation in the first generation and in 100 ms, and,
/// with
///         the whole curve, for all of them.
class GcTimes final : public TracePart {
 public:
  explicit GcTimes(std::optional<MutatorQuestion> curve = {});

  void before(const TraceContext& context, std::span<const model::TraceEvent> events) override;
  void step(const TraceContext& context, std::span<const model::TraceEvent> events,
            std::span<const StateInterval> ended) override;
  void finish(const TraceContext& context) override;

  model::TraceGc take() { return std::move(gc_); }

 private:
  // The usual windows, as the trace goes on. What the first generation tells late changes the past, so it waits.
  class Windows final : public Utilization::Sink {
   public:
    explicit Windows(std::size_t worst);
    void change(std::uint32_t series, UtilizationChange change) override;
    void less_from_start(double share) override;
    void settle();
    std::vector<model::TraceGc::Mmu> take();

   private:
    std::vector<SlidingMinimum> windows_;
    std::vector<UtilizationChange> unsettled_;
    bool settled_ = false;
  };
  // All of it.
  class Curve final : public Utilization::Sink {
   public:
    void change(std::uint32_t series, UtilizationChange change) override;
    void less_from_start(double share) override;
    [[nodiscard]] double minimum(std::int64_t window_ns) const;
    void tell(model::TraceGc& gc) const;

   private:
    [[nodiscard]] model::TraceGc::Mmu worst_of(std::int64_t window_ns, std::size_t worst) const;
    std::vector<std::vector<UtilizationChange>> series_;
  };

  void event(const TraceContext& context, const model::TraceEvent& event, bool counts);
  void cycle(const TraceContext& context, const model::TraceEvent& event, bool counts);
  void end_cycle(const TraceContext& context, std::int64_t ns, bool open);
  void stop(const TraceContext& context, const model::TraceEvent& event, bool counts);
  void end_stop(const TraceContext& context, std::int64_t ns, bool open);
  void assist(const TraceContext& context, const model::TraceEvent& event, bool counts);
  void sweep(const TraceContext& context, const model::TraceEvent& event, bool counts);
  void end_range(const TraceContext& context, std::int64_t& since, std::int64_t ns, std::int64_t& sum,
                 std::uint64_t& count);

  static constexpr std::int64_t kNever = INT64_MIN;

  model::TraceGc gc_;
  Windows windows_;
  Utilization utilization_;
  Curve curve_;
  std::optional<Utilization> curve_utilization_;
  bool started_ = false;
  std::int64_t sync_ns_ = 0;
  std::int64_t cycle_since_ns_ = kNever;
  model::TraceGc::Cycle cycle_;
  std::int64_t stop_since_ns_ = kNever;
  model::TraceGc::Stop stop_;
  std::vector<std::int64_t> assisting_;  // by row of goroutine: since when
  std::vector<std::int64_t> sweeping_;   // by row of P
  std::uint64_t heap_ = 0;
  std::uint64_t goal_ = 0;
};

}  // namespace gopsy::analyze
