#include "analyze/trend.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace gopsy::analyze {
namespace {

constexpr std::size_t kMostPoints = 128;

std::vector<TrendPoint> thinned(std::span<const TrendPoint> points) {
  if (points.size() <= kMostPoints) return {points.begin(), points.end()};
  std::vector<TrendPoint> parts;
  const double begin = points.front().at;
  const double length = points.back().at - begin;
  std::size_t part = 0;
  for (const TrendPoint& point : points) {
    const auto wanted = length <= 0
                            ? 0
                            : std::min(kMostPoints - 1, static_cast<std::size_t>((point.at - begin) / length *
                                                                                 static_cast<double>(kMostPoints)));
    if (parts.empty() || wanted != part) {
      parts.push_back(point);
      part = wanted;
    } else if (point.value < parts.back().value) {
      parts.back() = point;
    }
  }
  return parts;
}

double median_of(std::vector<double> values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

// The median of a third of the points: its ends are what growth is measured between.
double level(std::span<const TrendPoint> points) {
  std::vector<double> values;
  values.reserve(points.size());
  for (const auto& point : points) values.push_back(point.value);
  return median_of(std::move(values));
}

double deepest_fall(std::span<const TrendPoint> points) {
  double highest = points.front().value;
  double lowest = highest;
  double fall = 0;
  for (const auto& point : points) {
    highest = std::max(highest, point.value);
    lowest = std::min(lowest, point.value);
    fall = std::max(fall, highest - point.value);
  }
  return highest > lowest ? fall / (highest - lowest) : 0;
}

}  // namespace

Trend trend_of(std::span<const TrendPoint> all) {
  const std::vector<TrendPoint> points = thinned(all);
  const std::size_t n = points.size();
  Trend trend{.points = n};
  if (n < 3) return trend;
  std::vector<double> slopes;
  slopes.reserve(n * (n - 1) / 2);
  double rising = 0;
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = i + 1; j < n; ++j) {
      const double change = points[j].value - points[i].value;
      rising += change > 0 ? 1 : (change < 0 ? -1 : 0);
      if (points[j].at > points[i].at) slopes.push_back(change / (points[j].at - points[i].at));
    }
  }
  const auto count = static_cast<double>(n);
  trend.order = rising / (count * (count - 1) / 2);
  trend.z = rising / std::sqrt(count * (count - 1) * (2 * count + 5) / 18);
  trend.slope = median_of(std::move(slopes));
  std::vector<double> offsets;
  offsets.reserve(n);
  for (const auto& point : points) offsets.push_back(point.value - trend.slope * point.at);
  const double offset = median_of(std::move(offsets));
  trend.first = offset + trend.slope * points.front().at;
  trend.last = offset + trend.slope * points.back().at;
  trend.drawdown = deepest_fall(points);
  // Levels around the two ends and at the start of the last third, each of a ninth of the points.
  const std::size_t part = std::max<std::size_t>(1, n / 9);
  const double begin = level(std::span(points).first(part));
  const double end = level(std::span(points).last(part));
  const double at_two_thirds = level(std::span(points).subspan(2 * n / 3 - part / 2, part));
  trend.late = end > begin ? (end - at_two_thirds) / (end - begin) : 0;
  return trend;
}

}  // namespace gopsy::analyze
