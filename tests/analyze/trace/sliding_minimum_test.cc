#include "analyze/trace/sliding_minimum.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace gopsy::analyze {
namespace {

using Series = std::vector<UtilizationChange>;

double area(const Series& series, std::int64_t from, std::int64_t to) {
  double sum = 0;
  for (std::size_t i = 0; i + 1 < series.size(); ++i) {
    const std::int64_t begin = std::max(from, series[i].time_ns);
    const std::int64_t end = std::min(to, series[i + 1].time_ns);
    if (end > begin) sum += static_cast<double>(end - begin) * series[i].utilization;
  }
  return sum;
}

double by_looking_everywhere(const Series& series, std::int64_t window) {
  double least = 1;
  for (std::int64_t begin = series.front().time_ns; begin + window <= series.back().time_ns; ++begin)
    least = std::min(least, area(series, begin, begin + window) / static_cast<double>(window));
  return least;
}

model::TraceGc::Mmu of(const Series& series, std::int64_t window, std::size_t worst = 0) {
  SlidingMinimum minimum(window, worst);
  for (const UtilizationChange& change : series) minimum.change(change);
  return minimum.take();
}

TEST(SlidingMinimum, FindsTheWorstWindowThatLookingEverywhereFinds) {
  std::mt19937 random(7);
  for (int round = 0; round < 60; ++round) {
    Series series{{.time_ns = -40, .utilization = 1}};
    for (int i = 0; i < 30; ++i)
      series.push_back({.time_ns = series.back().time_ns + 1 + static_cast<std::int64_t>(random() % 9),
                        .utilization = static_cast<double>(random() % 5) / 4});
    const std::int64_t length = series.back().time_ns - series.front().time_ns;
    for (const std::int64_t window : {std::int64_t{1}, std::int64_t{7}, std::int64_t{40}, length - 1, length})
      EXPECT_NEAR(of(series, window).utilization, by_looking_everywhere(series, window), 1e-12) << window;
  }
}

TEST(SlidingMinimum, TakesTheWholeWhereTheWindowIsLonger) {
  const Series series{{.time_ns = 0, .utilization = 1}, {.time_ns = 60, .utilization = 0.5}, {.time_ns = 100}};
  const model::TraceGc::Mmu mmu = of(series, 1000);
  EXPECT_EQ(mmu.window_ns, 100);
  EXPECT_NEAR(mmu.utilization, 0.8, 1e-12);
}

TEST(SlidingMinimum, NamesTheWorstWindowsApart) {
  Series series{{.time_ns = 0, .utilization = 1}};
  for (const auto& [at, share] : {std::pair<std::int64_t, double>{100, 0.5}, {500, 0.0}, {800, 0.25}}) {
    series.push_back({.time_ns = at, .utilization = share});
    series.push_back({.time_ns = at + 10, .utilization = 1});
  }
  series.push_back({.time_ns = 1000, .utilization = 0});
  const model::TraceGc::Mmu mmu = of(series, 10, 2);
  ASSERT_EQ(mmu.worst.size(), 2U);
  EXPECT_EQ(mmu.worst[0].begin_ns, 500);
  EXPECT_EQ(mmu.worst[1].begin_ns, 800);
  EXPECT_EQ(mmu.worst[1].utilization, 0.25);
}

TEST(SlidingMinimum, EndsWhereDamagedTimesLieAtTheEndOfNumbers) {
  const Series series{{.time_ns = INT64_MIN, .utilization = 1},
                      {.time_ns = 0, .utilization = 0.5},
                      {.time_ns = INT64_MAX - 1, .utilization = 1},
                      {.time_ns = INT64_MAX, .utilization = 0}};
  EXPECT_GE(of(series, 1'000'000, 3).utilization, 0);
}

}  // namespace
}  // namespace gopsy::analyze
