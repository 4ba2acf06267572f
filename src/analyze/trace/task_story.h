#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "analyze/trace/study.h"
#include "model/trace_path.h"

namespace gopsy::analyze {

/// Gathers what the trace says of one task.
///
/// Shape   a part of a study. At most kEvents events are kept, the rest counted.
class TaskStory final : public TracePart {
 public:
  static constexpr std::size_t kEvents = 10'000;

  explicit TaskStory(std::uint64_t id) { story_.id = id; }

  void step(const TraceContext& context, std::span<const model::TraceEvent> events,
            std::span<const StateInterval> ended) override;
  void finish(const TraceContext& context) override;

  /// Whether any event names the task.
  [[nodiscard]] bool found() const { return story_.event_count != 0; }
  model::TraceTaskStory take() { return std::move(story_); }

 private:
  model::TraceTaskStory story_;
};

/// What the goroutines of a task did while it was open, in slices of its time.
///
/// Shape   a part of a study whose range is the time of the task.
class TaskGoroutines final : public TracePart {
 public:
  static constexpr std::size_t kGoroutines = 32;
  static constexpr std::size_t kSlices = 60;

  explicit TaskGoroutines(model::TraceTaskStory& story);

  void step(const TraceContext& context, std::span<const model::TraceEvent> events,
            std::span<const StateInterval> ended) override;

 private:
  model::TraceTaskStory& story_;
  std::unordered_map<std::uint64_t, std::size_t> rows_;  // by goroutine id
};

/// The life of one goroutine: when it begins and ends.
class GoroutineSpan final : public TracePart {
 public:
  explicit GoroutineSpan(std::uint64_t goid) : goid_(goid) {}

  void step(const TraceContext& context, std::span<const model::TraceEvent> events,
            std::span<const StateInterval> ended) override;

  bool found = false;
  std::int64_t begin_ns = 0;
  std::int64_t end_ns = 0;
  StringId function;

 private:
  std::uint64_t goid_;
};

}  // namespace gopsy::analyze
