#include "model/trace_signs.h"

namespace gopsy::model {

std::int64_t TraceSigns::Creation::median_life_ns() const {
  std::uint64_t before = 0;
  for (std::size_t power = 0; power < 62; ++power) {
    before += lives[power];
    if (before * 2 >= ended) return std::int64_t{1} << (power + 1);
  }
  return INT64_MAX;
}

}  // namespace gopsy::model
