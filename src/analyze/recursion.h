#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace gopsy::analyze {

/// A stretch of a sequence that repeats: `period` elements, `repeats` times, from `begin`.
struct Cycle {
  std::size_t begin = 0;
  std::size_t period = 0;
  std::size_t repeats = 0;

  [[nodiscard]] std::size_t end() const { return begin + period * repeats; }
};

/// The maximal repetitions of `keys` with at least `min_repeats` whole repeats and a period of at
/// most kLongestPeriod, left to right, not overlapping, the shortest period first where several fit.
///
/// Cost    linear in the length times the number of earlier equal keys within one period: linear for
///         any real stack, and at most kLongestPeriod times that for hostile ones.
std::vector<Cycle> find_cycles(std::span<const std::uint32_t> keys, std::size_t min_repeats);

constexpr std::size_t kLongestPeriod = 64;

}  // namespace gopsy::analyze
