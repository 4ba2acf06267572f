#pragma once

#include <array>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "analyze/trace/study.h"
#include "analyze/trace/task_durations.h"
#include "model/trace_tasks.h"

namespace gopsy::analyze {

/// Sums up the tasks and regions of package runtime/trace by their type: how long they took, and what those who worked
/// for them did meanwhile.
///
/// Shape   a region is its goroutine's time from begin to end, regions within it included. For a task works: the
///         goroutine that began it, if it ends it, too; else its regions of the task; the outermost regions of the task
///         in other goroutines; and goroutines created in a region of it, until the task ends.
/// Cost    a look at each event's type; some 100 ns a task or region; memory for those open, and a row a type.
/// Source  internal/trace/summary.go, whose inheritance of tasks by created goroutines this follows.
class TaskTimes final : public TracePart {
 public:
  static constexpr std::size_t kTypes = 4096;
  static constexpr std::size_t kLongest = 5;
  static constexpr std::size_t kOpen = 8;

  void step(const TraceContext& context, std::span<const model::TraceEvent> events,
            std::span<const StateInterval> ended) override;
  void finish(const TraceContext& context) override;

  model::TraceTasks take() { return std::move(told_); }

 private:
  // The runtime has about 22 reasons; what a damaged trace has beyond that shares the last row.
  static constexpr std::size_t kReasons = 32;
  static constexpr std::uint32_t kNoTask = UINT32_MAX;

  struct Sums {
    model::TraceStates states;
    std::int64_t assist_ns = 0;
    std::array<std::int64_t, kReasons> blocked{};
  };
  struct Type {
    model::TraceTaskType told;
    Sums spent;
    TaskDurations durations;
    std::unordered_map<StringId, std::uint64_t> parents;
  };
  struct Types {
    std::vector<Type> rows;
    std::unordered_map<StringId, std::uint32_t> row_of;
  };
  struct Region {
    std::uint32_t type = 0;
    std::uint32_t stack = 0;
    std::uint64_t task = 0;
    std::int64_t begin_ns = 0;
    bool outermost = false;  // of its task in its goroutine
    Sums before;
  };
  // A goroutine that works for a task or is in a region.
  struct Worker {
    Sums sums;  // since it is watched
    std::int64_t since_ns = 0;
    std::int64_t assist_since_ns = 0;
    std::uint64_t inherited = 0;  // task that it was created for
    model::GoState state = model::GoState::NotExist;
    bool assists = false;
    std::uint32_t reason = 0;
    std::vector<std::uint64_t> begun;  // tasks that are open
    std::vector<Region> regions;
  };
  struct Task {
    std::uint32_t type = 0;
    std::uint32_t g = 0;
    std::uint32_t number = 0;  // of the life that began it
    std::uint32_t stack = 0;
    std::uint64_t goid = 0;
    std::int64_t begin_ns = 0;
    std::uint32_t index = 0;  // in Worker::begun
    bool left = false;        // the beginner ended before it
    Sums before;              // of the beginner, when it began; once it left: what it did for the task
    Sums by_regions;          // of the beginner
    std::vector<std::pair<std::uint32_t, std::uint32_t>> heirs;  // row and number of lives created for it
  };

  void interval(const TraceContext& context, std::span<const model::TraceEvent> events, const StateInterval& one);
  void event(const TraceContext& context, const model::TraceEvent& event);
  void begin_task(const TraceContext& context, const model::TraceEvent& event);
  void end_task(const TraceContext& context, const model::TraceEvent& event);
  void forget_task(const Task& task);
  void close_task(const TraceContext& context, const Task& task, std::uint32_t ended_by, std::int64_t now_ns);
  void begin_region(const TraceContext& context, const model::TraceEvent& event);
  void end_region(const TraceContext& context, const model::TraceEvent& event);
  void close_region(const TraceContext& context, std::uint32_t g, const Region& region, std::int64_t now_ns);
  void created(const TraceContext& context, const model::TraceEvent& event);
  void log(const TraceContext& context, const model::TraceEvent& event);
  void end_life(const TraceContext& context, std::uint32_t g, std::int64_t now_ns);

  Worker& watch(std::uint32_t g, std::int64_t now_ns);
  void settle(std::uint32_t g);
  [[nodiscard]] Sums sums_at(const Worker& worker, std::int64_t now_ns) const;
  void add(Sums& sum, const Sums& until, const Sums& since) const;
  std::uint32_t reason_row(StringId reason);
  std::uint32_t type_row(const TraceContext& context, Types& types, StringId name);
  [[nodiscard]] std::vector<model::TraceTaskType> rows_of(const TraceContext& context, Types& types) const;

  Types tasks_;
  Types regions_;
  std::vector<std::uint8_t> watched_;  // by row of goroutine
  std::vector<Worker> workers_;        // by row of goroutine
  std::unordered_map<std::uint64_t, Task> open_;
  std::unordered_map<StringId, std::uint64_t> logs_;
  std::vector<StringId> reasons_{StringId()};
  model::TraceTasks told_;
};

}  // namespace gopsy::analyze
