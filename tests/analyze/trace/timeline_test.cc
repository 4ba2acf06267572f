#include "analyze/trace/timeline.h"

#include <gtest/gtest.h>

#include <numeric>

#include "support/trace_story.h"

namespace gopsy::analyze {
namespace {

using enum model::TraceType;
using model::GoState;
using model::TraceTimeline;
using testing_support::Story;

TraceTimeline timeline_of(const Story& story, TraceRange range = {}) {
  Timeline part;
  model::Symbols symbols;
  story.play(part, symbols, range, 2);
  return part.take();
}

// The area under a line of means.
double area(const TraceTimeline& line, const std::vector<double>& means) {
  double sum = 0;
  for (std::size_t i = 0; i < means.size(); ++i) {
    const std::int64_t begin = line.first_ns + static_cast<std::int64_t>(i) * line.bucket_ns;
    sum += means[i] * static_cast<double>(std::min(line.last_ns, begin + line.bucket_ns) - begin);
  }
  return sum;
}

Story long_story(std::int64_t scale) {
  Story story;
  story.mark(0, Sync, 1)
      .mark(0, ProcsChange, 4)
      .at(1 * scale, GoStatus, 1, GoState::Undetermined, GoState::Running, 1)
      .at(300 * scale, GoCreate, 2, GoState::NotExist, GoState::Runnable, 1, 0, 2)
      .at(700 * scale, GoStart, 2, GoState::Runnable, GoState::Running, 2);
  return story.mark(900 * scale, HeapAlloc, 1 << 20)
      .at(950 * scale, GoBlock, 2, GoState::Running, GoState::Waiting, 2, Story::kChanReceive)
      .mark(1000 * scale, HeapAlloc, 1);
}

TEST(Timeline, KeepsAreasHoweverOftenBucketsDouble) {
  for (const std::int64_t scale : {7, 1000, 333'333, 1'000'000'007}) {
    const TraceTimeline line = timeline_of(long_story(scale));
    EXPECT_LE(line.size(), 512U);
    EXPECT_GE(line.size(), scale == 7 ? 1U : 256U);
    const auto s = static_cast<double>(scale);
    EXPECT_NEAR(area(line, line.running), 1250 * s, s);
    EXPECT_NEAR(area(line, line.runnable), 400 * s, s);
    EXPECT_NEAR(area(line, line.waiting), 50 * s, s);
    EXPECT_NEAR(area(line, line.gomaxprocs), 4000 * s, s);
    EXPECT_EQ(std::accumulate(line.created.begin(), line.created.end(), 0U), 1U);
    EXPECT_EQ(*std::ranges::max_element(line.heap), 1U << 20);
  }
}

TEST(Timeline, BeginsARangeOfTimeWithWhatWasSo) {
  const TraceTimeline line = timeline_of(long_story(1000), {.from_ns = 920'000, .to_ns = 960'000});
  EXPECT_EQ(line.first_ns, 920'000);
  EXPECT_EQ(line.heap.front(), 1U << 20);
  EXPECT_NEAR(line.gomaxprocs.front(), 4, 1e-9);
  EXPECT_NEAR(line.running.front(), 2, 1e-9);
  EXPECT_NEAR(line.running.back(), 1, 1e-9);
}

}  // namespace
}  // namespace gopsy::analyze
