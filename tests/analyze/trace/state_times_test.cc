#include "analyze/trace/state_times.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "app/trace.h"
#include "model/trace_facts.h"
#include "support/golden.h"

namespace gopsy::analyze {
namespace {

using model::GoState;
using model::TraceEvent;
using model::TraceType;

/// Events of one generation with the reasons "chan receive" (row 2) and "sync" (row 3).
class Story {
 public:
  Story() { tables_.strings = {"", "lost", "chan receive", "sync", "GC mark termination"}; }

  Story& goroutine(std::int64_t at, TraceType type, std::uint32_t g, GoState from, GoState to,
                   std::uint64_t value = 0) {
    TraceEvent event;
    event.time_ns = at;
    event.type = type;
    event.subject = g;
    event.from = static_cast<std::uint8_t>(from);
    event.to = static_cast<std::uint8_t>(to);
    event.value = value;
    events_.push_back(event);
    return *this;
  }
  Story& world(std::int64_t at, TraceType type) {
    TraceEvent event;
    event.time_ns = at;
    event.type = type;
    event.g = 1;
    event.value = 4;
    events_.push_back(event);
    return *this;
  }
  model::TraceTimes times() {
    StateTimes times;
    model::Symbols symbols;
    TraceStudy study(symbols, {&times});
    study.generation(tables_, names_);
    study.events(events_);
    study.finish();
    return times.take();
  }

 private:
  model::TraceTables tables_;
  model::TraceNames names_;
  std::vector<TraceEvent> events_;
};

TEST(StateTimes, AddsUpEachStateAndTheWholeLife) {
  using enum TraceType;
  const auto times = Story()
                         .goroutine(100, GoCreate, 1, GoState::NotExist, GoState::Runnable)
                         .goroutine(130, GoStart, 1, GoState::Runnable, GoState::Running)
                         .goroutine(200, GoBlock, 1, GoState::Running, GoState::Waiting, 2)
                         .goroutine(700, GoUnblock, 1, GoState::Waiting, GoState::Runnable)
                         .goroutine(710, GoStart, 1, GoState::Runnable, GoState::Running)
                         .goroutine(750, GoSyscallBegin, 1, GoState::Running, GoState::Syscall)
                         .goroutine(755, GoSyscallEnd, 1, GoState::Syscall, GoState::Running)
                         .goroutine(760, GoDestroy, 1, GoState::Running, GoState::NotExist)
                         .goroutine(800, GoCreate, 2, GoState::NotExist, GoState::Runnable)
                         .goroutine(900, GoCreate, 3, GoState::NotExist, GoState::Runnable)
                         .times();
  EXPECT_EQ(times.goroutines, 3U);
  EXPECT_EQ(times.all.runnable_ns, 30 + 10 + 100);
  EXPECT_EQ(times.all.running_ns, 70 + 40 + 5);
  EXPECT_EQ(times.all.waiting_ns, 500);
  EXPECT_EQ(times.all.syscall_ns, 5);
  EXPECT_EQ(times.lives_ns, 660 + 100);
  EXPECT_EQ(times.all.sum_ns(), times.lives_ns);
  ASSERT_EQ(times.blocked.size(), 1U);
  EXPECT_EQ(times.blocked[0].name, "chan receive");
  EXPECT_EQ(times.blocked[0].longest_ns, 500);
  EXPECT_EQ(times.latency.count, 2U);
  EXPECT_EQ(times.latency.longest_ns, 30);
}

TEST(StateTimes, DoesNotCountWhatIsSaidAgain) {
  using enum TraceType;
  const auto times = Story()
                         .goroutine(100, GoStatus, 1, GoState::Undetermined, GoState::Waiting)
                         .goroutine(500, GoStatus, 1, GoState::Waiting, GoState::Waiting)
                         .goroutine(900, GoUnblock, 1, GoState::Waiting, GoState::Runnable)
                         .times();
  EXPECT_EQ(times.goroutines, 1U);
  ASSERT_EQ(times.blocked.size(), 1U);
  EXPECT_EQ(times.blocked[0].count, 1U);
  EXPECT_EQ(times.blocked[0].total_ns, 800);
}

TEST(StateTimes, ListsStopsOfTheWorld) {
  const auto times = Story().world(10, TraceType::StwBegin).world(35, TraceType::StwEnd).times();
  ASSERT_EQ(times.stops.size(), 1U);
  EXPECT_EQ(times.stops[0].name, "GC mark termination");
  EXPECT_EQ(times.stops[0].total_ns, 25);
}

TEST(StateTimes, OfRealTracesAddUpToTheLivesOfTheirGoroutines) {
  for (const std::string& path : test::golden_inputs("decode/execution-trace", "")) {
    const auto overview = app::overview_of_trace(test::golden_path(path), {});
    ASSERT_EQ(overview.failure, "") << path;
    const model::TraceTimes& times = overview.evidence.trace_facts->times;
    EXPECT_EQ(times.all.sum_ns(), times.lives_ns) << path;
    std::int64_t by_function = 0;
    std::uint64_t goroutines = 0;
    for (const auto& row : times.functions) {
      by_function += row.states.sum_ns();
      goroutines += row.goroutines;
    }
    EXPECT_EQ(by_function, times.lives_ns) << path;
    EXPECT_EQ(goroutines, times.goroutines) << path;
    std::int64_t waiting = 0;
    for (const auto& row : times.blocked) waiting += row.total_ns;
    EXPECT_EQ(waiting, times.all.waiting_ns) << path;
  }
}

}  // namespace
}  // namespace gopsy::analyze
