#include "analyze/trace/task_durations.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>

#include "analyze/trace/time_sums.h"

namespace gopsy::analyze {
namespace {

constexpr std::size_t kDecade = 5;
constexpr std::size_t kBuckets = 19 * kDecade;

// As go tool trace has it, with its rounding.
std::size_t bucket_by_logarithm(std::int64_t ns) {
  static const double step = std::log(std::pow(10.0, 1.0 / kDecade));
  return ns <= 0 ? 0 : static_cast<std::size_t>(std::log(static_cast<double>(ns)) / step);
}

// The least duration of each bucket: a search in 95 numbers is cheaper than a logarithm.
std::array<std::int64_t, kBuckets> lower_bounds() {
  std::array<std::int64_t, kBuckets> bounds{};
  for (std::size_t i = 1; i < kBuckets; ++i) {
    std::int64_t low = bounds[i - 1];
    std::int64_t high = INT64_MAX;
    while (low + 1 < high) {
      const std::int64_t middle = low + (high - low) / 2;
      (bucket_by_logarithm(middle) >= i ? high : low) = middle;
    }
    bounds[i] = high;
  }
  return bounds;
}

std::size_t bucket_of(std::int64_t ns) {
  static const auto bounds = lower_bounds();
  return static_cast<std::size_t>(std::ranges::upper_bound(bounds, std::max<std::int64_t>(ns, 0)) - bounds.begin()) - 1;
}

}  // namespace

void TaskDurations::add(std::int64_t ns) {
  ++told_.count;
  add_ns(told_.total_ns, ns);
  told_.longest_ns = std::max(told_.longest_ns, ns);
  const std::size_t bucket = bucket_of(ns);
  if (bucket >= told_.histogram.size()) told_.histogram.resize(bucket + 1);
  ++told_.histogram[bucket];
  if (!steps_.empty()) return count_in_steps(ns);
  exact_.push_back(ns);
  if (exact_.size() <= kExact) return;
  steps_.resize(std::size_t{64} << kBits);
  for (const std::int64_t one : exact_) count_in_steps(one);
  exact_ = {};
}

void TaskDurations::count_in_steps(std::int64_t ns) {
  const auto value = static_cast<std::uint64_t>(std::max<std::int64_t>(ns, 1));
  const auto octave = static_cast<unsigned>(std::bit_width(value)) - 1;
  const std::uint64_t step = octave < kBits ? value << (kBits - octave) : value >> (octave - kBits);
  ++steps_[(std::size_t{octave} << kBits) + (step & ((1U << kBits) - 1))];
}

// REQUIRES: `exact_` is sorted.
std::int64_t TaskDurations::percentile(double share) const {
  if (!exact_.empty())
    return exact_[std::min(exact_.size() - 1, static_cast<std::size_t>(share * static_cast<double>(exact_.size())))];
  const auto wanted = static_cast<std::uint64_t>(share * static_cast<double>(told_.count));
  std::uint64_t before = 0;
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    before += steps_[i];
    if (before <= wanted) continue;
    const double low = std::ldexp(1.0, static_cast<int>(i >> kBits));
    const double middle = low * (1.0 + (static_cast<double>(i & ((1U << kBits) - 1)) + 0.5) / (1U << kBits));
    return middle >= static_cast<double>(told_.longest_ns) ? told_.longest_ns : static_cast<std::int64_t>(middle);
  }
  return told_.longest_ns;
}

model::TraceDurations TaskDurations::take() {
  std::ranges::sort(exact_);
  told_.p50_ns = percentile(0.5);
  told_.p90_ns = percentile(0.9);
  told_.p99_ns = percentile(0.99);
  return std::move(told_);
}

}  // namespace gopsy::analyze
