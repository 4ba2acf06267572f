#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <string_view>
#include <vector>

#include "support/diagnosis.h"
#include "support/runtime_text.h"

namespace gopsy::rules {
namespace {

using test::gc_log;
using test::GcText;

bool fires(std::string_view id, std::string_view log) { return test::diagnose_text(log).find(id) != nullptr; }

constexpr std::string_view kPressure = "gc.pressure";
constexpr std::string_view kGrowth = "gc.live-growth";
constexpr std::string_view kStarvation = "load.cpu-starvation";

// A cycle a second on two CPUs: 400 ms of marking are a fifth of them.
std::string costly(std::uint64_t cycles, double cost_ms, double assist_ms, double apart = 1) {
  return gc_log(cycles, [&](std::uint64_t i, GcText& line) {
    line.at = static_cast<double>(i) * apart;
    line.cost_ms = cost_ms;
    line.assist_ms = assist_ms;
  });
}

TEST(GcPressureTrace, BeginsAtAFifthOfTheCpus) {
  EXPECT_TRUE(fires(kPressure, costly(30, 400, 0)));
  EXPECT_FALSE(fires(kPressure, costly(30, 399, 0)));
}

TEST(GcPressureTrace, BeginsAtATwentiethOfTheCpusInAssists) {
  EXPECT_TRUE(fires(kPressure, costly(30, 0, 100)));
  EXPECT_FALSE(fires(kPressure, costly(30, 0, 99)));
}

TEST(GcPressureTrace, NeedsFiveSecondsAndTenCycles) {
  EXPECT_TRUE(fires(kPressure, costly(11, 400, 0, 0.5)));
  EXPECT_FALSE(fires(kPressure, costly(11, 400, 0, 0.49)));
  EXPECT_FALSE(fires(kPressure, costly(9, 500, 0, 1)));
}

// The goal against what lived after the cycle before; a tenth above is room enough for nobody.
std::string full(std::uint64_t cycles, std::uint32_t goal, std::uint32_t live, double apart, double cost_ms) {
  return gc_log(cycles, [&](std::uint64_t i, GcText& line) {
    line.at = static_cast<double>(i) * apart;
    line.live = live;
    line.goal = goal;
    line.cost_ms = cost_ms;
  });
}

TEST(GcSpiral, IsAGoalWithinATenthOfWhatLives) {
  EXPECT_TRUE(fires(kPressure, full(11, 110, 100, 0.11, 50)));
  EXPECT_FALSE(fires(kPressure, full(11, 111, 100, 0.11, 50)));
}

TEST(GcSpiral, NeedsTenCyclesInASecondOfAHeapThatIsNoTinyOne) {
  EXPECT_TRUE(fires(kPressure, full(10, 110, 100, 0.12, 60)));
  EXPECT_FALSE(fires(kPressure, full(9, 110, 100, 0.14, 60)));
  EXPECT_FALSE(fires(kPressure, full(10, 110, 100, 0.11, 60))) << "0.99 s";
  EXPECT_TRUE(fires(kPressure, full(10, 8, 8, 0.12, 60)));
  EXPECT_FALSE(fires(kPressure, full(10, 7, 7, 0.12, 60)));
}

TEST(GcPressureTrace, OfManyRunsOfOneLogIsOneFinding) {
  const auto diagnosis = test::diagnose_text(costly(30, 400, 0) + costly(30, 800, 0) + costly(30, 10, 0));
  std::size_t count = 0;
  for (const auto& finding : diagnosis.findings) count += finding.id == kPressure ? 1 : 0;
  EXPECT_EQ(count, 1U);
  EXPECT_TRUE(diagnosis.find(kPressure)->title.contains("40.0 %")) << diagnosis.find(kPressure)->title;
  EXPECT_TRUE(diagnosis.find(kPressure)->why.contains("1 other run")) << diagnosis.find(kPressure)->why;
}

template <class Live>
std::string lives(std::uint64_t cycles, double apart, const Live& live) {
  return gc_log(cycles, [&](std::uint64_t i, GcText& line) {
    line.at = static_cast<double>(i) * apart;
    line.live = static_cast<std::uint32_t>(live(static_cast<double>(i)));
    line.goal = 2 * line.live;
  });
}

TEST(GcLiveGrowth, NeedsAQuarterMoreThanAtFirst) {
  // After the tenth that is left out: from 400 and a bit to 500 and a bit.
  EXPECT_TRUE(fires(kGrowth, lives(101, 1, [](double i) { return 400 + 1.3 * i; })));
  EXPECT_FALSE(fires(kGrowth, lives(101, 1, [](double i) { return 400 + 1.1 * i; })));
}

TEST(GcLiveGrowth, NeedsEightMebibytes) {
  EXPECT_TRUE(fires(kGrowth, lives(101, 1, [](double i) { return 4 + 0.1 * i; })));
  EXPECT_FALSE(fires(kGrowth, lives(101, 1, [](double i) { return 4 + 0.08 * i; })));
}

TEST(GcLiveGrowth, NeedsTenSecondsAndEightCycles) {
  const auto rise = [](double i) { return 40 + 10 * i; };
  EXPECT_TRUE(fires(kGrowth, lives(13, 1, rise)));
  EXPECT_FALSE(fires(kGrowth, lives(13, 0.8, rise)));
  EXPECT_TRUE(fires(kGrowth, lives(9, 2, rise)));
  EXPECT_FALSE(fires(kGrowth, lives(8, 2, rise))) << "the first is start-up";
}

TEST(GcLiveGrowth, ForgivesFallsOfLessThanAThirdOfTheRange) {
  const auto with_fall = [](double depth) {
    return lives(100, 1, [depth](double i) { return 100 + 2 * i - (i >= 60 && i < 63 ? depth : 0); });
  };
  EXPECT_TRUE(fires(kGrowth, with_fall(50)));
  EXPECT_FALSE(fires(kGrowth, with_fall(70)));
}

TEST(GcLiveGrowth, IsSeenInForcedCyclesWhereThereAreNoOthers) {
  EXPECT_TRUE(fires(kGrowth, gc_log(60, [](std::uint64_t i, GcText& line) {
                      line.live = static_cast<std::uint32_t>(40 + i);
                      line.forced = true;
                    })));
}

TEST(CpuStarvationTrace, BeginsAtEightGoroutinesForEachCpu) {
  EXPECT_TRUE(fires(kStarvation, test::sched_log({16, 16, 16})));
  EXPECT_FALSE(fires(kStarvation, test::sched_log({16, 15, 16})));
  EXPECT_FALSE(fires(kStarvation, test::sched_log({16, 16})));
  EXPECT_FALSE(fires(kStarvation, test::sched_log({16, 16, 16}, 1)));
}

}  // namespace
}  // namespace gopsy::rules
