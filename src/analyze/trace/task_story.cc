#include "analyze/trace/task_story.h"

#include <algorithm>

#include "analyze/trace/time_sums.h"

namespace gopsy::analyze {

using model::TraceEvent;
using model::TraceType;

void TaskStory::step(const TraceContext& context, std::span<const TraceEvent> events,
                     std::span<const StateInterval> ended) {
  static_cast<void>(ended);
  const auto text = [&](std::uint64_t row) {
    return std::string(context.whole.symbols().text(context.whole.text(row)));
  };
  for (const TraceEvent& event : events) {
    if (event.type < TraceType::TaskBegin || event.type > TraceType::Log) continue;
    const bool of_task = event.type == TraceType::TaskBegin || event.type == TraceType::TaskEnd;
    if (event.value != story_.id && !(of_task && event.other == story_.id && event.other != model::kNoTask)) continue;
    if (event.value == story_.id && event.type == TraceType::TaskBegin) {
      story_.begun = true;
      story_.begin_ns = event.time_ns;
      story_.begin_goid = context.goid(event.g);
      story_.parent = event.other == model::kNoTask ? 0 : event.other;
    }
    if (event.value == story_.id && event.type == TraceType::TaskEnd) {
      story_.ended = true;
      story_.end_ns = event.time_ns;
      story_.end_goid = context.goid(event.g);
    }
    if (event.value == story_.id && of_task) story_.name = text(event.subject);
    if (++story_.event_count > kEvents) continue;
    story_.events.push_back({.time_ns = event.time_ns,
                             .goid = context.goid(event.g),
                             .type = event.type,
                             .task = event.value,
                             .name = text(of_task || event.type == TraceType::Log ? event.subject : event.other),
                             .message = event.type == TraceType::Log ? text(event.other) : std::string()});
  }
}

void TaskStory::finish(const TraceContext& context) {
  if (!story_.begun) story_.begin_ns = context.first_ns;
  if (!story_.ended) story_.end_ns = context.last_ns;
  if (!story_.ended) story_.end_goid = story_.begin_goid;
  if (story_.end_goid == 0 && !story_.events.empty()) story_.end_goid = story_.events.back().goid;
}

TaskGoroutines::TaskGoroutines(model::TraceTaskStory& story) : story_(story) {
  for (const auto& event : story.events) {
    if (rows_.size() == kGoroutines || !rows_.try_emplace(event.goid, story.goroutines.size()).second) continue;
    story.goroutines.emplace_back();
    story.goroutines.back().goid = event.goid;
    story.goroutines.back().slices.resize(kSlices);
  }
}

void TaskGoroutines::step(const TraceContext& context, std::span<const TraceEvent> events,
                          std::span<const StateInterval> ended) {
  static_cast<void>(events);
  const std::int64_t length = gap_ns(story_.begin_ns, story_.end_ns);
  const std::int64_t slice = std::max<std::int64_t>(1, length / static_cast<std::int64_t>(kSlices) + 1);
  for (const StateInterval& one : ended) {
    const auto row = rows_.find(context.goid(one.g));
    if (row == rows_.end()) continue;
    auto& goroutine = story_.goroutines[row->second];
    goroutine.function = context.lives[one.g].function;
    std::int64_t at = gap_ns(story_.begin_ns, one.begin_ns);
    const std::int64_t end = std::min(gap_ns(story_.begin_ns, one.end_ns), length);
    if (end > at) add_ns(goroutine.states, one.state, end - at);
    while (at < end) {
      const auto number = std::min<std::size_t>(static_cast<std::size_t>(at / slice), kSlices - 1);
      const std::int64_t until = std::min(end, (at / slice + 1) * slice);
      add_ns(goroutine.slices[number], one.state, until - at);
      at = until;
    }
  }
}

void GoroutineSpan::step(const TraceContext& context, std::span<const TraceEvent> events,
                         std::span<const StateInterval> ended) {
  static_cast<void>(events);
  for (const StateInterval& one : ended) {
    if (context.goid(one.g) != goid_) continue;
    if (!found) begin_ns = one.begin_ns;
    found = true;
    end_ns = one.end_ns;
    function = context.lives[one.g].function;
  }
}

}  // namespace gopsy::analyze
