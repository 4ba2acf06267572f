#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <vector>

#include "analyze/trace/study.h"
#include "model/trace_times.h"

namespace gopsy::analyze {

/// Sums up what goroutines do with their time.
///
/// Shape   a part of a study; `take` once it is finished. Goroutines that live on are taken to do so until the end.
/// Cost    a few nanoseconds an interval; memory for the goroutines that live, and one row a start function and reason.
class StateTimes final : public TracePart {
 public:
  void step(const TraceContext& context, std::span<const model::TraceEvent> events,
            std::span<const StateInterval> ended) override;
  void finish(const TraceContext& context) override;

  model::TraceTimes take() { return std::move(times_); }

 private:
  void interval(const TraceContext& context, const StateInterval& one);
  void end_life(const TraceContext& context, std::uint32_t g);
  void stop(const TraceContext& context, const model::TraceEvent& event);
  void waited(std::int64_t ns);
  [[nodiscard]] std::int64_t percentile(double share) const;

  // What the goroutine of a row did so far.
  struct Life {
    model::TraceStates states;
    std::int64_t ns = 0;
  };

  using Rows = std::map<StringId, std::uint32_t>;
  static std::uint32_t reason_row(const TraceContext& context, std::vector<model::TraceTimes::Reason>& rows,
                                  Rows& index, StringId name);
  std::uint32_t function_row(const TraceContext& context, StringId name);

  model::TraceTimes times_;
  Rows blocked_rows_;
  Rows stop_rows_;
  Rows function_rows_;
  StringId last_reason_;
  std::uint32_t last_row_ = UINT32_MAX;
  std::vector<Life> lives_;                         // by row of goroutine
  std::map<std::uint32_t, std::int64_t> stopping_;  // since when, by goroutine

  // Durations in 32 steps an octave.
  static constexpr std::size_t kSteps = 32;
  std::array<std::uint64_t, 64 * kSteps> latencies_{};
};

}  // namespace gopsy::analyze
