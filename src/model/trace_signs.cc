#include "model/trace_signs.h"

#include <algorithm>

namespace gopsy::model {

std::int64_t TraceSigns::Creation::median_life_ns() const {
  std::uint64_t before = 0;
  for (std::size_t power = 0; power < 62; ++power) {
    before += lives[power];
    if (before * 2 >= ended) return std::int64_t{1} << (power + 1);
  }
  return INT64_MAX;
}

std::int64_t TraceSigns::woken_percentile_ns(double share) const {
  std::uint64_t before = 0;
  for (std::size_t i = 0; i < woken.size(); ++i) {
    before += woken[i];
    if (static_cast<double>(before) <= share * static_cast<double>(woken_count)) continue;
    const std::uint64_t power = std::uint64_t{1} << std::min<std::size_t>(i / 4, 62);
    return static_cast<std::int64_t>(power + power / 4 * (i % 4));
  }
  return 0;
}

}  // namespace gopsy::model
