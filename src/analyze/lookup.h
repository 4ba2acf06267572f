#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "model/evidence.h"

namespace gopsy::analyze {

/// How much of one profile passes through a function: the join between a log and a profile.
struct FunctionShare {
  const model::Evidence* evidence = nullptr;
  StringId type;
  StringId unit;
  std::int64_t cumulative = 0;  ///< of the samples with the function anywhere in their stack, counted once
  std::int64_t flat = 0;        ///< of the samples with the function as their leaf
  std::int64_t total = 0;

  [[nodiscard]] double share() const {
    return total == 0 ? 0 : static_cast<double>(cumulative) / static_cast<double>(total);
  }
};

/// One row a profile that has the function, default column; names compared by canonical form.
/// Cost    linear in each profile's stacks.
std::vector<FunctionShare> shares_of(model::Incident& incident, StringId function);

/// Live heap in the earliest and the latest heap profile, by their own clocks.
struct HeapTrend {
  const model::Evidence* first = nullptr;
  const model::Evidence* last = nullptr;
  std::int64_t first_bytes = 0;
  std::int64_t last_bytes = 0;

  /// Grown by less than a tenth: below what the sampling of a heap profile (one in 512 KiB) resolves on small heaps.
  [[nodiscard]] bool flat() const { return last_bytes <= first_bytes + first_bytes / 10; }
};

/// Nothing with fewer than two heap profiles.
std::optional<HeapTrend> heap_trend(const model::Incident& incident);

}  // namespace gopsy::analyze
