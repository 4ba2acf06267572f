#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

#include "analyze/trace/time_sums.h"
#include "model/trace_times.h"

namespace gopsy::analyze {

/// Durations in 2^kBits steps an octave, from 2^kLow to 2^kHigh ns; those beyond go to the ends.
///
/// Yields  percentiles to half a step; the longest exactly.
template <unsigned kBits, unsigned kLow, unsigned kHigh, class Count>
class DurationHistogram {
 public:
  void add(std::int64_t ns) {
    const auto value = static_cast<std::uint64_t>(std::max<std::int64_t>(ns, 1));
    const auto octave = static_cast<unsigned>(std::bit_width(value)) - 1;
    const std::uint64_t step = octave < kBits ? value << (kBits - octave) : value >> (octave - kBits);
    const std::uint64_t at = (std::uint64_t{octave} << kBits) + (step & (kSteps - 1));
    ++counts_[std::clamp(at, kFirst, kFirst + kCells - 1) - kFirst];
    ++count_;
    longest_ns_ = std::max(longest_ns_, ns);
    add_ns(total_ns_, ns);
  }

  [[nodiscard]] std::uint64_t count() const { return count_; }

  [[nodiscard]] std::int64_t percentile(double share) const {
    const auto wanted = static_cast<std::uint64_t>(share * static_cast<double>(count_));
    std::uint64_t before = 0;
    for (std::size_t i = 0; i < kCells; ++i) {
      before += counts_[i];
      if (before <= wanted) continue;
      const std::uint64_t at = kFirst + i;
      const double middle = static_cast<double>(std::uint64_t{1} << (at >> kBits)) *
                            (1.0 + (static_cast<double>(at & (kSteps - 1)) + 0.5) / kSteps);
      return middle >= static_cast<double>(longest_ns_) ? longest_ns_ : static_cast<std::int64_t>(middle);
    }
    return longest_ns_;
  }

  [[nodiscard]] model::TraceLatency latency() const {
    if (count_ == 0) return {};
    return {.count = count_,
            .total_ns = total_ns_,
            .p50_ns = percentile(0.5),
            .p99_ns = percentile(0.99),
            .longest_ns = longest_ns_};
  }

 private:
  static constexpr std::uint64_t kSteps = std::uint64_t{1} << kBits;
  static constexpr std::uint64_t kFirst = std::uint64_t{kLow} << kBits;
  static constexpr std::uint64_t kCells = std::uint64_t{kHigh - kLow} << kBits;

  std::array<Count, kCells> counts_{};
  std::uint64_t count_ = 0;
  std::int64_t total_ns_ = 0;
  std::int64_t longest_ns_ = 0;
};

/// To 2 %, 16 KiB.
using FineHistogram = DurationHistogram<5, 0, 63, std::uint64_t>;
/// To 12 %, 0.6 KiB: where there is one for each of many.
using CoarseHistogram = DurationHistogram<2, 6, 42, std::uint32_t>;

}  // namespace gopsy::analyze
