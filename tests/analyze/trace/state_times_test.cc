#include "analyze/trace/state_times.h"

#include <gmock/gmock.h>

#include "support/trace_story.h"

namespace gopsy::analyze {
namespace {

using enum model::TraceType;
using model::GoState;
using model::TraceGoroutine;
using model::TraceTimes;
using testing_support::Story;

TraceTimes times_of(const Story& story, TraceRange range = {}, GoroutineQuestion question = {.limit = SIZE_MAX},
                    std::size_t chunk = 512) {
  StateTimes part(std::move(question));
  model::Symbols symbols;
  story.play(part, symbols, range, chunk);
  return part.take();
}

const TraceGoroutine& row(const TraceTimes& times, std::uint64_t goid) {
  for (const TraceGoroutine& one : times.goroutine_rows)
    if (one.goid == goid) return one;
  ADD_FAILURE() << "no goroutine " << goid;
  static const TraceGoroutine none;
  return none;
}

Story worker() {
  return Story()
      .mark(100, Sync, 1)
      .at(110, GoStatus, 1, GoState::Undetermined, GoState::Running, 1)
      .at(120, GoCreate, 2, GoState::NotExist, GoState::Runnable, 1, 0, 2)
      .at(150, GoStart, 2, GoState::Runnable, GoState::Running, 2)
      .at(200, GoBlock, 2, GoState::Running, GoState::Waiting, 2, Story::kChanReceive, 2)
      .at(700, GoUnblock, 2, GoState::Waiting, GoState::Runnable, 1, 0, 2)
      .at(800, GoStart, 2, GoState::Runnable, GoState::Running, 2)
      .at(850, GoDestroy, 2, GoState::Running, GoState::NotExist, 2)
      .mark(900, HeapAlloc, 1);
}

void expect_sums(const TraceTimes& times) {
  EXPECT_EQ(times.all.sum_ns(), times.lives_ns);
  std::int64_t functions = 0;
  for (const TraceTimes::Function& function : times.functions) {
    functions += function.states.sum_ns();
    std::int64_t blocked = 0;
    for (const model::TraceBlockedOn& on : function.blocked) blocked += on.total_ns;
    EXPECT_EQ(blocked, function.states.waiting_ns);
  }
  EXPECT_EQ(functions, times.lives_ns);
  for (const TraceGoroutine& one : times.goroutine_rows)
    EXPECT_EQ(one.states.sum_ns(), one.last_ns - one.first_ns) << one.goid;
}

TEST(StateTimes, TellsOfEachGoroutineWhatItsTimeWentOn) {
  for (const std::size_t chunk : {std::size_t{1}, std::size_t{2}, std::size_t{512}}) {
    const TraceTimes times = times_of(worker(), {}, {.limit = SIZE_MAX}, chunk);
    expect_sums(times);
    const TraceGoroutine& one = row(times, 102);
    EXPECT_EQ(one.creator, 101U);
    EXPECT_EQ(one.first_ns, 120);
    EXPECT_EQ(one.ran_ns, 150);
    EXPECT_EQ(one.last_ns, 850);
    EXPECT_TRUE(one.ended);
    EXPECT_EQ(one.states.running_ns, 100);
    EXPECT_EQ(one.states.runnable_ns, 130);
    EXPECT_EQ(one.states.waiting_ns, 500);
    EXPECT_EQ(one.spent.runs, 2U);
    ASSERT_EQ(one.blocked.size(), 1U);
    EXPECT_EQ(times.blocked[one.blocked[0].reason].name, "chan receive");
    EXPECT_EQ(one.blocked[0].count, 1U);
  }
}

TEST(StateTimes, HoldsAGoroutineThatItFindsToHaveBeenThereSinceTheGenerationBegan) {
  const TraceGoroutine found = row(times_of(worker()), 101);
  EXPECT_EQ(found.first_ns, 100);
  EXPECT_EQ(found.states.running_ns, 800);
  EXPECT_EQ(found.last, "running");
  EXPECT_FALSE(found.ended);
}

TEST(StateTimes, SplitsLatencyByWhatCameBeforeAndLeavesGivingWayOut) {
  const Story story = worker()
                          .at(1000, GoStop, 1, GoState::Running, GoState::Runnable, 1, Story::kPreempted)
                          .at(1040, GoStart, 1, GoState::Runnable, GoState::Running, 1)
                          .at(1100, GoStop, 1, GoState::Running, GoState::Runnable, 1, Story::kGosched)
                          .at(1900, GoStart, 1, GoState::Runnable, GoState::Running, 1);
  const TraceTimes times = times_of(story);
  EXPECT_EQ(times.after_create.longest_ns, 30);
  EXPECT_EQ(times.after_unblock.longest_ns, 100);
  EXPECT_EQ(times.after_preempt.count, 1U);
  EXPECT_EQ(times.after_preempt.longest_ns, 40);
  EXPECT_EQ(times.latency.count, 3U);
  EXPECT_EQ(times.latency.total_ns, 170);
  EXPECT_EQ(times.all.runnable_ns, 970);
}

TEST(StateTimes, SplitsASystemCallWhereItsProcessorWasTaken) {
  const Story story = Story()
                          .mark(100, Sync, 1)
                          .at(100, GoStatus, 1, GoState::Undetermined, GoState::Running, 1, 0, 0, 1)
                          .at(200, GoSyscallBegin, 1, GoState::Running, GoState::Syscall, 1, 0, 0, 1)
                          .mark(260, ProcSteal, 0, 0, 0, 1)
                          .at(500, GoSyscallEndBlocked, 1, GoState::Syscall, GoState::Runnable, 1)
                          .at(520, GoStart, 1, GoState::Runnable, GoState::Running, 1, 0, 0, 1)
                          .at(600, GoSyscallBegin, 1, GoState::Running, GoState::Syscall, 1, 0, 0, 1)
                          .at(650, GoSyscallEnd, 1, GoState::Syscall, GoState::Running, 1, 0, 0, 1)
                          .mark(660, ProcStop, 0, 0, 0, 1)
                          .at(700, GoSyscallBegin, 1, GoState::Running, GoState::Syscall, 1, 0, 0, 2)
                          .mark(710, ProcSteal, 0, 0, 0, 2)
                          .mark(1000, HeapAlloc, 1);
  const TraceTimes times = times_of(story);
  expect_sums(times);
  EXPECT_EQ(times.all.syscall_ns, 300 + 50 + 300);
  EXPECT_EQ(times.spent.syscall_blocked_ns, 240 + 290);
  EXPECT_EQ(times.spent.syscalls, 3U);
  EXPECT_EQ(times.spent.syscalls_blocked, 2U);
  EXPECT_EQ(times.after_syscall.longest_ns, 20);
}

Story collected() {
  return Story()
      .mark(100, Sync, 1)
      .at(100, GoStatus, 1, GoState::Undetermined, GoState::Running, 1)
      .mark(150, GcActive)
      .mark(300, GcEnd)
      .at(400, GoCreate, 2, GoState::NotExist, GoState::Runnable, 1, 0, 2)
      .mark(500, GcBegin)
      .mark(520, AssistBegin, 0, 1)
      .mark(560, AssistEnd, 0, 1)
      .mark(570, StwBegin, Story::kMarkTermination, 1)
      .mark(590, GcEnd)
      .mark(600, StwEnd, Story::kMarkTermination, 1)
      .mark(610, AssistBegin, 0, 1)
      .mark(700, HeapAlloc, 1);
}

TEST(StateTimes, TellsWhatTheCollectorAndStopsTookOfALife) {
  const TraceTimes times = times_of(collected());
  const TraceGoroutine& first = row(times, 101);
  EXPECT_EQ(first.spent.in_mark_ns, 200 + 90);
  EXPECT_EQ(first.spent.in_stop_ns, 30);
  EXPECT_EQ(first.spent.assist_ns, 40 + 90);
  EXPECT_EQ(first.spent.assists, 2U);
  EXPECT_EQ(first.spent.stopping_ns, 30);
  EXPECT_EQ(row(times, 102).spent.in_mark_ns, 90);
  ASSERT_EQ(times.stops.size(), 1U);
  EXPECT_EQ(times.stops[0].name, "GC mark termination");
}

TEST(StateTimes, CountsInARangeOfTimeWhatBeganBeforeIt) {
  // From 540 to 580: in a collection, an assist that began at 520, a stop that goes on.
  for (const std::size_t chunk : {std::size_t{1}, std::size_t{4}, std::size_t{512}}) {
    const TraceTimes times = times_of(collected(), {.from_ns = 440, .to_ns = 480}, {.limit = SIZE_MAX}, chunk);
    expect_sums(times);
    const TraceGoroutine& first = row(times, 101);
    EXPECT_EQ(first.first_ns, 540);
    EXPECT_EQ(first.last_ns, 580);
    EXPECT_EQ(first.spent.assist_ns, 20);
    EXPECT_EQ(first.spent.in_mark_ns, 40);
    EXPECT_EQ(first.spent.in_stop_ns, 10);
    EXPECT_EQ(row(times, 102).states.runnable_ns, 40);
    EXPECT_EQ(times.wall_ns, 40);
  }
}

TEST(StateTimes, KeepsTheFirstInTheOrderAskedForAndCountsTheRest) {
  const GoroutineQuestion most_blocked{.order = GoroutineQuestion::Order::Blocked, .limit = 1};
  const TraceTimes times = times_of(worker(), {}, most_blocked);
  ASSERT_EQ(times.goroutine_rows.size(), 1U);
  EXPECT_EQ(times.goroutine_rows[0].goid, 102U);
  EXPECT_EQ(times.rows_matching, 2U);
  const auto filter = function_filter("^main\\.work");
  ASSERT_TRUE(filter.has_value());
  const TraceTimes workers = times_of(worker(), {}, {.limit = SIZE_MAX, .function = *filter});
  EXPECT_EQ(workers.rows_matching, 1U);
  EXPECT_FALSE(function_filter("(").has_value());
}

TEST(DurationHistogram, TellsPercentilesToHalfAStep) {
  CoarseHistogram coarse;
  FineHistogram fine;
  for (std::int64_t ns = 1; ns <= 100'000; ++ns) {
    coarse.add(ns);
    fine.add(ns);
  }
  EXPECT_NEAR(static_cast<double>(fine.percentile(0.5)), 50'000, 50'000 * 0.02);
  EXPECT_NEAR(static_cast<double>(fine.percentile(0.99)), 99'000, 99'000 * 0.02);
  EXPECT_NEAR(static_cast<double>(coarse.percentile(0.5)), 50'000, 50'000 * 0.13);
  EXPECT_EQ(fine.latency().longest_ns, 100'000);
  fine.add(INT64_MAX);
  EXPECT_EQ(fine.latency().longest_ns, INT64_MAX);
}

}  // namespace
}  // namespace gopsy::analyze
