#include "analyze/growth.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "support/log_builder.h"

namespace gopsy::analyze {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

// A dump of main and of one goroutine each for `ids`, all started by main.accept.
std::string dump(const std::vector<std::uint64_t>& ids, const std::string& creator = "main.accept in goroutine 1") {
  std::vector<test::GoroutineText> texts{{.id = 1, .state = "select"}};
  for (const auto id : ids)
    texts.push_back({.id = id, .state = "IO wait", .frames = {"main.read()"}, .created_by = creator});
  return test::dump_of(texts);
}

std::vector<std::uint64_t> range(std::uint64_t from, std::uint64_t to) {
  std::vector<std::uint64_t> ids;
  for (auto id = from; id < to; ++id) ids.push_back(id);
  return ids;
}

std::vector<std::uint64_t> both(std::vector<std::uint64_t> a, const std::vector<std::uint64_t>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

struct Series {
  model::Incident incident;
  std::vector<Snapshot> snapshots;
  std::vector<Growth> growth;

  explicit Series(const std::vector<std::string>& dumps) {
    incident.evidence.reserve(dumps.size());
    for (const auto& text : dumps) {
      auto evidence = decode::kCrashLog.decode(text, incident.symbols);
      EXPECT_TRUE(evidence);
      evidence->path = fmt::format("dump-{}", incident.evidence.size() + 1);
      incident.evidence.push_back(std::move(*evidence));
    }
    snapshots = snapshots_of(incident);
    growth = growth_of(snapshots);
  }

  [[nodiscard]] bool grows() const { return !growth.empty() && judge(growth[0], growth[0].sites.at(0)).grows; }
};

TEST(Growth, PutsDumpsInTheOrderOfTheirHighestNumber) {
  const Series series(
      {dump(both(range(20, 28), range(100, 130))), dump(range(20, 28)), dump(both(range(20, 28), range(100, 110)))});
  ASSERT_THAT(series.growth, SizeIs(1));
  EXPECT_THAT(series.growth[0].order, ElementsAre(1, 2, 0));
  EXPECT_EQ(series.growth[0].ordered, Growth::Ordered::ByNumber);
  EXPECT_THAT(series.growth[0].sites.at(0).counts, ElementsAre(8, 18, 38));
}

TEST(Growth, CountsWhatStayedWhatIsNewAndWhatEnded) {
  const Series series({dump(range(20, 30)), dump(both(range(24, 30), range(100, 103)))});
  const auto& step = series.growth.at(0).sites.at(0).turnover.at(0);
  EXPECT_EQ(step.stayed, 6U);
  EXPECT_EQ(step.fresh, 3U);
  EXPECT_EQ(step.ended, 4U);
  EXPECT_EQ(step.fresh_above, 3U);
}

TEST(Growth, IsToldFromSixteenThatCameOnAndNotFromFifteen) {
  EXPECT_TRUE(Series({dump(range(20, 28)), dump(both(range(20, 28), range(100, 116)))}).grows());
  EXPECT_FALSE(Series({dump(range(20, 28)), dump(both(range(20, 28), range(100, 115)))}).grows());
}

TEST(Growth, NeedsEightAtTheStart) {
  EXPECT_FALSE(Series({dump(range(20, 27)), dump(both(range(20, 27), range(100, 160)))}).grows());
}

TEST(Growth, ToleratesThatOneInTenEnded) {
  EXPECT_TRUE(Series({dump(range(20, 40)), dump(both(range(22, 40), range(100, 140)))}).grows());
  EXPECT_FALSE(Series({dump(range(20, 40)), dump(both(range(23, 40), range(100, 140)))}).grows());
}

TEST(Growth, IsNotLoadThatIsReplaced) { EXPECT_FALSE(Series({dump(range(20, 40)), dump(range(100, 200))}).grows()); }

TEST(Growth, DoesNotCompareProcessesWhoseNumbersMeanOtherGoroutines) {
  EXPECT_THAT(Series({dump(range(20, 30)), dump(range(20, 90), "main.other in goroutine 4")}).growth, IsEmpty());
}

TEST(Growth, LeavesOutWhatSaysNothingAboutTheOthers) {
  EXPECT_THAT(
      Series({dump(range(20, 30)), "panic: x\n\ngoroutine 1 [running]:\nmain.main()\n\t/src/main.go:1 +0x1\n"}).growth,
      IsEmpty());
}

TEST(Growth, StaysCheapWithVeryManyDumpsOfDifferentProcesses) {
  std::string log;
  for (std::uint64_t i = 1; i <= 5'000; ++i) log += dump({2, 3}, fmt::format("main.f{} in goroutine 1", i)) + "\n";
  const Series series({log});
  EXPECT_GE(series.snapshots.size(), 4'000U);
}

}  // namespace
}  // namespace gopsy::analyze
