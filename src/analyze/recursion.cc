#include "analyze/recursion.h"

#include <algorithm>

namespace gopsy::analyze {
namespace {

// How far keys[i] == keys[i + period] holds from `begin` on.
std::size_t run_length(std::span<const std::uint32_t> keys, std::size_t begin, std::size_t period) {
  std::size_t i = begin;
  while (i + period < keys.size() && keys[i] == keys[i + period]) ++i;
  return i - begin;
}

}  // namespace

std::vector<Cycle> find_cycles(std::span<const std::uint32_t> keys, std::size_t min_repeats) {
  std::vector<Cycle> cycles;
  std::size_t at = 0;
  while (at < keys.size()) {
    const std::size_t longest = std::min(kLongestPeriod, (keys.size() - at) / min_repeats);
    std::size_t taken = 0;
    for (std::size_t period = 1; period <= longest; ++period) {
      if (keys[at] != keys[at + period]) continue;
      const std::size_t repeats = run_length(keys, at, period) / period + 1;
      if (repeats < min_repeats) continue;
      cycles.push_back({.begin = at, .period = period, .repeats = repeats});
      taken = period * repeats;
      break;
    }
    at += taken == 0 ? 1 : taken;
  }
  return cycles;
}

}  // namespace gopsy::analyze
