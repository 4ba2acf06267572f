#pragma once

#include <cstdint>

#include "analyze/trace/study.h"
#include "model/trace_life.h"

namespace gopsy::analyze {

/// Follows one goroutine.
///
/// Shape   a part of a study, idle for goroutine 0; `take` once it is finished.
/// Cost    one comparison an interval; memory for 20 steps.
class LifeStory final : public TracePart {
 public:
  explicit LifeStory(std::uint64_t goid) { story_.goid = goid; }

  void step(const TraceContext& context, std::span<const model::TraceEvent> events,
            std::span<const StateInterval> ended) override;

  model::TraceLifeStory take() { return std::move(story_); }

 private:
  void interval(const TraceContext& context, const StateInterval& one);

  model::TraceLifeStory story_;
};

}  // namespace gopsy::analyze
