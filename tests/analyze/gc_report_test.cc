#include "analyze/gc_report.h"

#include <gmock/gmock.h>

#include <cmath>

#include "support/log_builder.h"
#include "support/runtime_text.h"

namespace gopsy::analyze {
namespace {

using test::gc_log;
using test::GcText;

constexpr std::int64_t kSecond = 1'000'000'000;

GcReport report_of(std::string_view log, std::uint64_t limit = 0) {
  const auto incident = test::incident_of(log);
  const auto runs = runtime_runs(incident);
  EXPECT_EQ(runs.size(), 1U);
  return gc_report(runs.at(0), incident.symbols, limit);
}

TEST(GcReport, SharesAreOfAllCpusOverTheWholeTime) {
  // Each second 200 ms of workers and 100 ms of assists, of two CPUs.
  const auto report = report_of(gc_log(101, [](auto, GcText& line) {
    line.cost_ms = 200;
    line.assist_ms = 100;
  }));
  EXPECT_EQ(report.cycles, 101U);
  EXPECT_EQ(report.from_ns, 0);
  EXPECT_NEAR(report.background_share, 0.1, 0.002);
  EXPECT_NEAR(report.assist_share, 0.05, 0.001);
  EXPECT_NEAR(report.share, 0.15, 0.003);
  EXPECT_NEAR(report.cycles_per_second, 1, 0.02);
  ASSERT_TRUE(report.worst);
  EXPECT_NEAR(report.worst->share, 0.15, 0.001);
  EXPECT_NEAR(report.worst->assist, 0.05, 0.001);
}

TEST(GcReport, FindsTheBusiestTenSeconds) {
  const auto report =
      report_of(gc_log(300, [](std::uint64_t i, GcText& line) { line.cost_ms = i >= 100 && i < 120 ? 800 : 20; }));
  ASSERT_TRUE(report.worst);
  EXPECT_NEAR(report.worst->share, 0.4, 0.001);
  EXPECT_GE(report.worst->from_ns, 100 * kSecond);
  EXPECT_LE(report.worst->to_ns, 120 * kSecond);
  EXPECT_EQ(report.worst->cycles, 10U);
}

TEST(GcReport, DoesNotHoldItsStartAgainstALongRun) {
  const auto report = report_of(gc_log(300, [](std::uint64_t i, GcText& line) { line.cost_ms = i < 8 ? 900 : 20; }));
  ASSERT_TRUE(report.worst);
  EXPECT_NEAR(report.worst->share, 0.01, 0.001);
}

TEST(GcReport, AllocationIsWhatFillsTheHeapBetweenCyclesAndDuringThem) {
  // From 10 MiB alive to 30 at the start of a cycle, 35 at its end: 25 MiB a second.
  const auto report = report_of(gc_log(101, [](auto, GcText& line) {
    line.start = 30;
    line.end = 35;
    line.live = 10;
  }));
  EXPECT_NEAR(report.allocated_mib_per_second, 25, 0.5);
}

TEST(GcReport, CountsCyclesThatAreNotThere) {
  const auto report =
      report_of(GcText{.number = 3, .at = 1}.str() + GcText{.number = 7, .at = 2, .forced = true}.str());
  EXPECT_EQ(report.missing, 3U);
  EXPECT_EQ(report.forced, 1U);
  EXPECT_EQ(report.from_ns, kSecond);
}

TEST(GcReport, PausesAreThoseOfBothStops) {
  std::string log;
  for (int i = 1; i <= 100; ++i)
    log += fmt::format("gc {} @{}.000s 1%: 0.{:03}+1+{} ms clock, 0+0/0/0+0 ms cpu, 3->3->0 MB, 4 MB goal, 2 P\n", i, i,
                       i, i == 60 ? 7 : 0);
  const auto report = report_of(log);
  EXPECT_EQ(report.pauses.count, 200U);
  EXPECT_EQ(report.pauses.longest_ns, 7'000'000);
  EXPECT_EQ(report.pauses.longest_cycle, 60U);
  EXPECT_EQ(report.pauses.longest_line, 60U);
  EXPECT_FALSE(report.pauses.longest_is_sweep_termination);
  EXPECT_EQ(report.pauses.p50_ns, 2'000);
  EXPECT_EQ(report.pauses.p99_ns, 100'000);
}

TEST(GcReport, SaysWhichGogcTheGoalsFollow) {
  const auto with = [](std::uint32_t percent) {
    return report_of(gc_log(20, [percent](std::uint64_t i, GcText& line) {
      line.live = static_cast<std::uint32_t>(100 + i);
      const std::uint32_t before = line.live - 1;
      line.goal = before + before * percent / 100;
    }));
  };
  ASSERT_TRUE(with(100).gogc);
  EXPECT_NEAR(*with(100).gogc, 100, 1);
  EXPECT_NEAR(*with(20).gogc, 20, 1);
  // A goal that the memory limit holds down follows no GOGC.
  EXPECT_FALSE(report_of(gc_log(20, [](std::uint64_t i, GcText& line) {
                 line.live = static_cast<std::uint32_t>(20 + 4 * i);
                 line.goal = 110;
               })).gogc);
}

TEST(GcReport, TakesTheMemoryLimitFromTheLogOrFromTheUser) {
  const std::string cycles = gc_log(10, [](auto, GcText& line) { line.live = 48; });
  const auto told = report_of("2026/11/25 10:00:00 env: GOMEMLIMIT=64MiB GOGC=100\n" + cycles);
  ASSERT_TRUE(told.limit);
  EXPECT_EQ(told.limit->bytes, 64U << 20);
  EXPECT_EQ(told.limit->line, 1U);
  EXPECT_DOUBLE_EQ(told.limit->live, 0.75);
  EXPECT_DOUBLE_EQ(report_of(cycles, 96U << 20).limit->live, 0.5);
  EXPECT_FALSE(report_of(cycles).limit);
  EXPECT_FALSE(report_of("GOMEMLIMIT=off\n" + cycles).limit);
}

TEST(MemoryLimit, IsReadAsTheRuntimeReadsIt) {
  EXPECT_EQ(parse_memory_limit("512MiB"), 512ULL << 20);
  EXPECT_EQ(parse_memory_limit("2GiB"), 2ULL << 30);
  EXPECT_EQ(parse_memory_limit("1000B"), 1000U);
  EXPECT_EQ(parse_memory_limit("1000"), 1000U);
  for (const std::string_view none : {"", "off", "512M", "512MB", "-1", "1.5GiB", "16777216TiB", "9223372036854775807"})
    EXPECT_FALSE(parse_memory_limit(none)) << none;
}

Trend trend(std::size_t count, double (*value)(double)) {
  std::vector<TrendPoint> points;
  for (std::size_t i = 0; i < count; ++i) {
    const auto at = static_cast<double>(i);
    points.push_back({.at = at, .value = value(at)});
  }
  return trend_of(points);
}

TEST(Trend, OfALineIsTheLine) {
  const auto line = trend(50, [](double at) { return 3 * at + 7; });
  EXPECT_DOUBLE_EQ(line.slope, 3);
  EXPECT_DOUBLE_EQ(line.first, 7);
  EXPECT_DOUBLE_EQ(line.last, 154);
  EXPECT_DOUBLE_EQ(line.order, 1);
  EXPECT_DOUBLE_EQ(line.drawdown, 0);
  EXPECT_NEAR(line.late, 1.0 / 3, 0.05);
}

TEST(Trend, IsNotMovedByOutliers) {
  const auto line = trend(51, [](double at) { return std::fmod(at, 10) == 5 ? 100000 : 2 * at; });
  EXPECT_NEAR(line.slope, 2, 0.2);
}

TEST(Trend, OfManyPointsKeepsTheLowestOfEachPart) {
  // A sawtooth of a hundred teeth on a rising floor: the floor is what is left.
  const auto teeth = trend(20'000, [](double at) { return at / 100 + std::fmod(at, 100); });
  EXPECT_LE(teeth.points, 128U);
  EXPECT_NEAR(teeth.slope, 0.01, 0.001);
  EXPECT_GT(teeth.order, 0.95);
}

TEST(Trend, OfAllEqualPointsIsLevel) {
  const auto level = trend(30, [](double) { return 5.0; });
  EXPECT_DOUBLE_EQ(level.slope, 0);
  EXPECT_DOUBLE_EQ(level.order, 0);
  EXPECT_DOUBLE_EQ(level.late, 0);
}

TEST(Trend, OfPointsAtOneTimeIsNoDivisionByZero) {
  const std::vector<TrendPoint> points(500, TrendPoint{.at = 1, .value = 2});
  EXPECT_DOUBLE_EQ(trend_of(points).slope, 0);
}

bool grows(std::uint32_t (*live)(std::uint64_t second)) {
  return live_heap_grows(report_of(gc_log(120, [live](std::uint64_t i, GcText& line) {
    line.live = live(i);
    line.goal = 2 * line.live;
  })));
}

TEST(LiveGrowth, IsASteadyRise) {
  EXPECT_TRUE(grows([](std::uint64_t i) { return static_cast<std::uint32_t>(40 + i); }));
}

TEST(LiveGrowth, IsNoStartUpThatLevelsOff) {
  EXPECT_FALSE(grows(
      [](std::uint64_t i) { return static_cast<std::uint32_t>(100 - 90 * std::exp(-static_cast<double>(i) / 15)); }));
}

TEST(LiveGrowth, IsNoSawtooth) {
  EXPECT_FALSE(grows([](std::uint64_t i) { return static_cast<std::uint32_t>(40 + 2 * (i % 70)); }));
}

TEST(LiveGrowth, IsNoNoise) {
  EXPECT_FALSE(grows([](std::uint64_t i) { return static_cast<std::uint32_t>(100 + (i * 7919) % 41); }));
}

}  // namespace
}  // namespace gopsy::analyze
