#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "analyze/trace/study.h"
#include "model/trace_ending.h"

namespace gopsy::analyze {

/// Keeps of each goroutine that lives what it did last.
///
/// Shape   a part of a study; `take` once it is finished.
/// Cost    a few nanoseconds an interval: the last kPast intervals of a goroutine stand in a ring that the next one
///         gets when it ends. Who crashed is known only when a log is read, so all that live at the end are candidates.
class Endings final : public TracePart {
 public:
  void step(const TraceContext& context, std::span<const model::TraceEvent> events,
            std::span<const StateInterval> ended) override;
  void finish(const TraceContext& context) override;

  model::TraceEnding take() { return std::move(ending_); }

 private:
  struct Ring {
    std::array<model::TracePast, model::TraceEnding::kPast> items;
    std::uint64_t count = 0;
  };
  struct Life {
    std::int64_t running_ns = 0;
    std::uint64_t starts = 0;
    std::uint32_t ring = 0;  // one more than its index; 0: none yet
  };

  void remember(Life& life, const TraceContext& context, const StateInterval& one);
  void end_life(const TraceContext& context, const StateInterval& one);
  std::uint32_t new_ring();
  void keep(const TraceContext& context, const StateInterval& open, const Life& life);
  std::uint32_t function_row(const TraceContext& context, StringId name);

  model::TraceEnding ending_;
  std::vector<Life> lives_;  // by row of goroutine
  std::vector<Ring> rings_;
  std::vector<std::uint32_t> free_;
  std::vector<std::uint32_t> functions_;  // by StringId: one more than the row of ending_.functions
  std::vector<bool> runtime_;             // by row of ending_.functions
};

}  // namespace gopsy::analyze
