#include "analyze/trace/tasks.h"

#include <gmock/gmock.h>

#include "analyze/trace/critical_path.h"
#include "analyze/trace/task_story.h"
#include "analyze/trace/told_trace.h"

namespace gopsy::analyze {
namespace {

using model::kNoTask;
using model::TracePath;
using model::TraceType;

model::TraceTasks tasks_of(ToldTrace& trace, std::size_t chunk = 512) {
  model::Symbols symbols;
  TaskTimes part;
  trace.study(symbols, {&part}, {}, chunk);
  return part.take();
}

/// Goroutine 1 serves a task from 100 to 1000, in a region of it from 200 to 900, blocked from 300 to 700; goroutine 2,
/// created in the region, runs from 260 to 1500.
ToldTrace request(std::uint32_t& reason) {
  ToldTrace trace;
  const auto name = trace.string("request");
  const auto region = trace.string("work");
  reason = trace.string("chan receive");
  trace.runs(0, 1).says(100, TraceType::TaskBegin, 1, 7, name, kNoTask);
  trace.says(200, TraceType::RegionBegin, 1, 7, 0, region).creates(250, 1, 2).starts(260, 2);
  trace.blocks(300, 1, reason).wakes(650, 2, 1).starts(700, 1);
  trace.says(900, TraceType::RegionEnd, 1, 7, 0, region).says(1000, TraceType::TaskEnd, 1, 7, name, kNoTask);
  trace.ends(1500, 2);
  return trace;
}

TEST(TraceTasks, SayHowLongTasksTookAndWhatThoseDidWhoWorkedForThem) {
  for (const std::size_t chunk : {std::size_t{1}, std::size_t{3}, std::size_t{512}}) {
    std::uint32_t reason = 0;
    ToldTrace trace = request(reason);
    const auto tasks = tasks_of(trace, chunk);
    ASSERT_EQ(tasks.tasks.size(), 1U);
    const model::TraceTaskType& task = tasks.tasks[0];
    EXPECT_EQ(task.name, "request");
    EXPECT_EQ(task.durations.total_ns, 900);
    EXPECT_EQ(task.durations.p50_ns, 900);
    EXPECT_EQ(task.regions, 1U);
    // 900 of goroutine 1, and from 250 to 1000 goroutine 2.
    EXPECT_EQ(task.spent.states.sum_ns(), 900 + 750);
    EXPECT_EQ(task.spent.states.waiting_ns, 350);
    EXPECT_EQ(task.spent.states.runnable_ns, 50 + 10);
    ASSERT_EQ(task.spent.blocked.size(), 1U);
    EXPECT_EQ(task.spent.blocked[0].reason, "chan receive");
    ASSERT_EQ(tasks.regions.size(), 1U);
    EXPECT_EQ(tasks.regions[0].durations.total_ns, 700);
    EXPECT_EQ(tasks.regions[0].spent.states.running_ns, 300);
    EXPECT_EQ(tasks.regions[0].parents[0].name, "request");
  }
}

TEST(TraceTasks, CountWhatNeverEndedAndWhatBeganBeforeTheTrace) {
  ToldTrace trace;
  const auto name = trace.string("job");
  const auto region = trace.string("work");
  trace.runs(0, 1).says(10, TraceType::TaskEnd, 1, 3, name, kNoTask).says(20, TraceType::RegionEnd, 1, 0, 0, region);
  trace.says(30, TraceType::TaskBegin, 1, 4, name, 3).says(40, TraceType::RegionBegin, 1, 4, 0, region);
  trace.ends(90, 1);
  const auto tasks = tasks_of(trace);
  ASSERT_EQ(tasks.tasks.size(), 1U);
  EXPECT_EQ(tasks.tasks[0].count, 2U);
  EXPECT_EQ(tasks.tasks[0].unbegun, 1U);
  EXPECT_EQ(tasks.tasks[0].unended, 1U);
  EXPECT_EQ(tasks.tasks[0].durations.count, 0U);
  EXPECT_EQ(tasks.tasks[0].open[0].task, 4U);
  EXPECT_EQ(tasks.tasks[0].spent.states.running_ns, 60);
  ASSERT_EQ(tasks.regions.size(), 1U);
  EXPECT_EQ(tasks.regions[0].unbegun, 1U);
  EXPECT_EQ(tasks.regions[0].unended, 1U);
}

TEST(TraceTasks, LeaveOutTheBeginnerWhereAnotherGoroutineEndsTheTask) {
  ToldTrace trace;
  const auto name = trace.string("job");
  trace.runs(0, 1).runs(1, 2).says(10, TraceType::TaskBegin, 1, 4, name, kNoTask);
  trace.says(500, TraceType::TaskEnd, 2, 4, name, kNoTask);
  const auto tasks = tasks_of(trace);
  EXPECT_EQ(tasks.tasks[0].durations.total_ns, 490);
  EXPECT_EQ(tasks.tasks[0].spent.states.sum_ns(), 0);
}

TEST(TaskDurations, AreExactWhileTheyAreFewAndToAFewPercentWhenTheyAreMany) {
  TaskDurations few;
  for (std::int64_t i = 1; i <= 100; ++i) few.add(i * 1000);
  const auto told = few.take();
  EXPECT_EQ(told.p50_ns, 51'000);
  EXPECT_EQ(told.p99_ns, 100'000);
  TaskDurations many;
  for (std::int64_t i = 1; i <= 10'000; ++i) many.add(i * 1000);
  const auto rough = many.take();
  EXPECT_NEAR(static_cast<double>(rough.p50_ns), 5e6, 0.04 * 5e6);
  EXPECT_NEAR(static_cast<double>(rough.p99_ns), 9.9e6, 0.04 * 9.9e6);
  EXPECT_EQ(rough.longest_ns, 10'000'000);
  std::uint64_t count = 0;
  for (const std::uint64_t bucket : rough.histogram) count += bucket;
  EXPECT_EQ(count, 10'000U);
}

TracePath path_of(ToldTrace& trace, std::uint64_t goid, std::int64_t from, std::int64_t until, std::size_t kept,
                  std::int64_t first_ns = 0) {
  TracePath path;
  CriticalPath::Walk walk{.goid = goid, .from_ns = from, .until_ns = until, .over = false};
  model::Symbols symbols;
  while (!walk.over && path.passes++ < 100) {
    CriticalPath part(walk, path, kept);
    trace.study(symbols, {&part}, {.from_ns = from - first_ns, .to_ns = walk.until_ns - first_ns});
  }
  CriticalPath::settle(path);
  std::ranges::reverse(path.steps);
  return path;
}

TEST(CriticalPath, GoesFromABlockedGoroutineToTheOneThatWokeItAndTilesTheTime) {
  for (const std::size_t kept : {std::size_t{1000}, std::size_t{3}}) {
    std::uint32_t reason = 0;
    ToldTrace trace = request(reason);
    const TracePath path = path_of(trace, 101, 100, 1000, kept);
    using enum TracePath::Kind;
    std::int64_t at = 100;
    for (const TracePath::Step& step : path.steps) {
      EXPECT_EQ(step.begin_ns, at);
      at = step.end_ns;
    }
    EXPECT_EQ(at, 1000);
    // 1 runs until it creates 2 at 250, which is runnable until 260 and runs until it wakes 1 at 650.
    ASSERT_EQ(path.steps.size(), 5U);
    EXPECT_EQ(path.steps[0].goid, 101U);
    EXPECT_EQ(path.steps[0].end_ns, 250);
    EXPECT_EQ(path.steps[1].kind, Runnable);
    EXPECT_EQ(path.steps[2].goid, 102U);
    EXPECT_EQ(path.steps[2].end_ns, 650);
    EXPECT_EQ(path.steps[3].kind, Runnable);
    EXPECT_EQ(path.steps[4].kind, Running);
    EXPECT_EQ(path.jumps, 2U);
    std::int64_t sum = 0;
    for (const TracePath::Row& row : path.rows) sum += row.ns;
    EXPECT_EQ(sum, 900);
  }
}

TEST(CriticalPath, StaysWithAGoroutineThatNobodyWoke) {
  ToldTrace trace;
  const auto network = trace.string("network");
  trace.runs(0, 1).blocks(100, 1, network).wakes(400, 0, 1).starts(500, 1).ends(600, 1);
  const TracePath path = path_of(trace, 101, 0, 600, 1000);
  ASSERT_EQ(path.steps.size(), 4U);
  EXPECT_EQ(path.steps[1].kind, TracePath::Kind::Blocked);
  EXPECT_EQ(path.steps[1].end_ns - path.steps[1].begin_ns, 300);
  EXPECT_EQ(path.jumps, 0U);
}

TEST(TaskStory, HasTheEventsOfATaskAndItsChildrenAndWhatItsGoroutinesDid) {
  std::uint32_t reason = 0;
  ToldTrace trace = request(reason);
  model::Symbols symbols;
  TaskStory part(7);
  trace.study(symbols, {&part});
  ASSERT_TRUE(part.found());
  model::TraceTaskStory story = part.take();
  EXPECT_EQ(story.name, "request");
  EXPECT_EQ(story.begin_ns, 100);
  EXPECT_EQ(story.end_ns, 1000);
  EXPECT_EQ(story.events.size(), 4U);
  TaskGoroutines goroutines(story);
  trace.study(symbols, {&goroutines}, {.from_ns = 100, .to_ns = 1000});
  ASSERT_EQ(story.goroutines.size(), 1U);
  EXPECT_EQ(story.goroutines[0].states.sum_ns(), 900);
  std::int64_t sum = 0;
  for (const auto& slice : story.goroutines[0].slices) sum += slice.sum_ns();
  EXPECT_EQ(sum, 900);
}

}  // namespace
}  // namespace gopsy::analyze
