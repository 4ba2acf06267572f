#include "analyze/trace/gc_times.h"

#include <gtest/gtest.h>

#include "support/trace_story.h"

namespace gopsy::analyze {
namespace {

using enum model::TraceType;
using model::GoState;
using model::TraceGc;
using testing_support::Story;

TraceGc gc_of(const Story& story, TraceRange range = {}, std::optional<MutatorQuestion> curve = MutatorQuestion{}) {
  GcTimes part(curve);
  model::Symbols symbols;
  story.play(part, symbols, range, 3);
  return part.take();
}

// Two Ps for 1000 ns: a dedicated worker on P 1 from 200 to 400 and again from 500 to 600, a stop from 700 to 750.
Story two_procs() {
  Story story;
  story.mark(0, Sync, 1).mark(0, ProcsChange, 2).at(10, GoStatus, 1, GoState::Undetermined, GoState::Running, 1);
  for (const auto& [from, to] : {std::pair{200, 400}, {500, 600}})
    story.at(from, GoStart, 2, GoState::Runnable, GoState::Running, 2, 0, 0, 1)
        .mark(from + 1, GoLabel, Story::kDedicated, 2, 1)
        .at(to + 1, GoBlock, 2, GoState::Running, GoState::Waiting, 2, 0, 0, 1);
  return story.mark(700, StwBegin, Story::kMarkTermination, 1)
      .mark(750, StwEnd, Story::kMarkTermination, 1)
      .mark(800, HeapAlloc, 4096)
      .mark(1000, HeapAlloc, 1024);
}

TEST(GcTimes, GivesAWorkersProcessorBackHoweverOftenItRuns) {
  const TraceGc gc = gc_of(two_procs());
  // Of 2000 ns of two Ps the workers took 300, the stop 100.
  ASSERT_FALSE(gc.mmu.empty());
  EXPECT_EQ(gc.mmu[0].window_ns, 1000);
  EXPECT_NEAR(gc.mmu[0].utilization, 1 - 0.2, 1e-9);
  ASSERT_FALSE(gc.curve.empty());
  EXPECT_NEAR(gc.curve.back().utilization, 0.8, 1e-2);
}

TEST(GcTimes, TellsWhenTheWorldWasStoppedByWhom) {
  const TraceGc gc = gc_of(two_procs());
  ASSERT_EQ(gc.stops, 1U);
  EXPECT_EQ(gc.worst_stops[0].begin_ns, 700);
  EXPECT_EQ(gc.worst_stops[0].length_ns, 50);
  EXPECT_EQ(gc.worst_stops[0].goid, 101U);
  EXPECT_EQ(gc.heap_peak, 4096U);
  EXPECT_EQ(gc.heap_last, 1024U);
}

TEST(GcTimes, CutsWhatGoesOnToTheRangeOfTime) {
  const TraceGc gc = gc_of(two_procs(), {.from_ns = 720, .to_ns = 900});
  ASSERT_EQ(gc.stops, 1U);
  EXPECT_EQ(gc.worst_stops[0].begin_ns, 720);
  EXPECT_EQ(gc.worst_stops[0].length_ns, 30);
  EXPECT_NEAR(gc.mmu[0].utilization, 1 - 30.0 / 180, 1e-9);
}

TEST(GcTimes, CountsNothingOfTheCollectorsThatIsNotAskedFor) {
  const TraceGc gc = gc_of(two_procs(), {}, MutatorQuestion{.stops = true, .background = false});
  EXPECT_EQ(gc.curve_flags, "stw|assist");
  EXPECT_NEAR(gc.curve.back().utilization, 0.95, 1e-2);
}

TEST(GcTimes, CountsAnAssistThatWasGoingOnFromTheBeginning) {
  const Story story = Story()
                          .mark(0, Sync, 1)
                          .mark(0, ProcsChange, 2)
                          .at(300, GoStatus, 1, GoState::Undetermined, GoState::Running, 1, 0, 0, 1)
                          .mark(301, AssistActive, 0, 1, 1, 1)
                          .mark(500, AssistEnd, 0, 1, 1)
                          .mark(1000, HeapAlloc, 1);
  const TraceGc gc = gc_of(story);
  EXPECT_NEAR(gc.mmu[0].utilization, 0.75, 1e-3);
  EXPECT_EQ(gc.assist_ns, 500);
}

}  // namespace
}  // namespace gopsy::analyze
