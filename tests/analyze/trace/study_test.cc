#include "analyze/trace/study.h"

#include <gmock/gmock.h>

#include <string>
#include <utility>
#include <vector>

#include "support/trace_story.h"

namespace gopsy::analyze {
namespace {

using model::GoState;
using model::TraceEvent;
using model::TraceType;
using testing::ElementsAre;

/// Keeps what it is handed.
class Record final : public TracePart {
 public:
  void step(const TraceContext& context, std::span<const TraceEvent> events,
            std::span<const StateInterval> ended) override {
    for (const StateInterval& one : ended) {
      EXPECT_TRUE(one.is(StateInterval::kOpen) || events[one.at].type == one.ended);
      intervals.push_back(one);
      goids.push_back(context.lives[one.g].goid);
    }
    for (const TraceEvent& event : events) times.push_back(event.time_ns);
  }
  void finish(const TraceContext& context) override { end_ns = context.last_ns; }

  std::vector<StateInterval> intervals;
  std::vector<std::uint64_t> goids;
  std::vector<std::int64_t> times;
  std::int64_t end_ns = 0;
};

class Story : public testing_support::Story {
 public:
  Story(testing_support::Story story) : testing_support::Story(std::move(story)) {}

  Record record(TraceRange range = {}, std::size_t chunk = 512) {
    Record record;
    model::Symbols symbols;
    play(record, symbols, range, chunk);
    return record;
  }
};

Story waker_and_sleeper() {
  using enum TraceType;
  return testing_support::Story()
      .at(100, GoStatus, 1, GoState::Undetermined, GoState::Running)
      .at(110, GoCreate, 2, GoState::NotExist, GoState::Runnable, 1)
      .at(130, GoStart, 2, GoState::Runnable, GoState::Running)
      .at(200, GoBlock, 2, GoState::Running, GoState::Waiting, 2, 2, 2)
      .at(700, GoUnblock, 2, GoState::Waiting, GoState::Runnable, 1, 0, 2)
      .at(800, GoStart, 2, GoState::Runnable, GoState::Running)
      .at(850, GoDestroy, 2, GoState::Running, GoState::NotExist, 2)
      .at(900, HeapAlloc, 0, GoState::Undetermined, GoState::Undetermined);
}

TEST(TraceStudy, TellsOfABlockWhoEndedItAndWhereBothStood) {
  const Record record = waker_and_sleeper().record();
  ASSERT_EQ(record.intervals.size(), 6U);
  const StateInterval& blocked = record.intervals[2];
  EXPECT_EQ(blocked.state, GoState::Waiting);
  EXPECT_EQ(blocked.length_ns(), 500);
  EXPECT_EQ(blocked.ended_by, 1U);
  EXPECT_EQ(blocked.stack, 2U);
  EXPECT_EQ(blocked.end_stack, 2U);
  const StateInterval& runnable = record.intervals[3];
  EXPECT_EQ(runnable.begun_by, 101U);
  EXPECT_EQ(runnable.length_ns(), 100);
  EXPECT_EQ(record.intervals[4].next, GoState::NotExist);
  EXPECT_TRUE(record.intervals[5].is(StateInterval::kOpen));
  EXPECT_TRUE(record.intervals[5].is(StateInterval::kFound));
  EXPECT_EQ(record.intervals[5].length_ns(), 800);
  EXPECT_EQ(record.end_ns, 900);
}

TEST(TraceStudy, TellsTheSameHoweverEventsAreCutIntoChunks) {
  const Record whole = waker_and_sleeper().record();
  for (std::size_t chunk = 1; chunk < 8; ++chunk) {
    const Record cut = waker_and_sleeper().record({}, chunk);
    ASSERT_EQ(cut.intervals.size(), whole.intervals.size());
    EXPECT_EQ(cut.goids, whole.goids);
    EXPECT_EQ(cut.times, whole.times);
    for (std::size_t i = 0; i < cut.intervals.size(); ++i)
      EXPECT_EQ(cut.intervals[i].length_ns(), whole.intervals[i].length_ns());
  }
}

TEST(TraceStudy, CutsIntervalsToTheRangeOfTime) {
  for (const std::size_t chunk : {std::size_t{1}, std::size_t{3}, std::size_t{512}}) {
    const Record record = waker_and_sleeper().record({.from_ns = 200, .to_ns = 720}, chunk);
    // From 300 to 820: the block's rest, runnable, and what both were doing at 820.
    ASSERT_EQ(record.intervals.size(), 4U);
    EXPECT_EQ(record.intervals[0].length_ns(), 400);
    EXPECT_TRUE(record.intervals[0].is(StateInterval::kCut));
    EXPECT_EQ(record.intervals[1].length_ns(), 100);
    EXPECT_EQ(record.intervals[2].length_ns(), 520);
    EXPECT_EQ(record.intervals[3].length_ns(), 20);
    EXPECT_THAT(record.times, ElementsAre(700, 800));
    EXPECT_EQ(record.end_ns, 820);
  }
}

TEST(TraceStudy, EndsALifeThatDamageMakesBeginTwice) {
  using enum TraceType;
  const Record record = Story(testing_support::Story()
                                  .at(100, GoCreate, 2, GoState::NotExist, GoState::Runnable, 1)
                                  .at(150, GoCreate, 2, GoState::NotExist, GoState::Runnable, 1)
                                  .at(180, GoStart, 2, GoState::Runnable, GoState::Running))
                            .record();
  ASSERT_EQ(record.intervals.size(), 3U);
  EXPECT_EQ(record.intervals[0].next, GoState::NotExist);
  EXPECT_EQ(record.intervals[0].length_ns(), 50);
  EXPECT_EQ(record.intervals[1].length_ns(), 30);
}

TEST(WholeTrace, GivesEqualStacksOfTwoGenerationsOneRow) {
  model::Symbols symbols;
  WholeTrace whole(symbols);
  model::TraceTables first;
  first.strings = {"", "lost", "main.a", "main.b", "main.go"};
  first.frames = {{.pc = 1, .line = 7, .function = 2, .file = 4, .first_of_pc = 0},
                  {.pc = 2, .line = 8, .function = 3, .file = 4, .first_of_pc = 1}};
  first.stack_frames = {0, 1, 1};
  first.stack_start = {0, 0, 0, 2, 3};
  whole.generation(first);
  const auto both = whole.stack(2);
  const auto one = whole.stack(3);
  EXPECT_NE(both, one);
  EXPECT_EQ(whole.stack(1), model::TraceStacks::kLost);
  model::TraceTables second = first;
  second.strings = {"", "lost", "main.b", "main.a", "main.go"};
  second.frames = {{.pc = 2, .line = 8, .function = 2, .file = 4, .first_of_pc = 0},
                   {.pc = 1, .line = 7, .function = 3, .file = 4, .first_of_pc = 1}};
  second.stack_frames = {0, 1, 0};
  second.stack_start = {0, 0, 0, 1, 3};
  whole.generation(second);
  EXPECT_EQ(whole.stack(2), one);
  EXPECT_EQ(whole.stack(3), both);
  EXPECT_EQ(symbols.text(whole.outermost(both)), "main.b");
  EXPECT_EQ(whole.stacks().size(), 4U);
}

}  // namespace
}  // namespace gopsy::analyze
