#pragma once

#include <cstdint>
#include <vector>

#include "analyze/lock_sites.h"
#include "model/evidence.h"

namespace gopsy::analyze {

/// What one place of the program holds on to, in two heap profiles.
struct HeapSite {
  CodePlace place;
  std::int64_t first_bytes = 0;
  std::int64_t last_bytes = 0;
  double variance = 0;  ///< of the difference, in bytes squared, by the sampling of both profiles

  [[nodiscard]] std::int64_t growth() const { return last_bytes - first_bytes; }
  /// How far above what sampling alone explains: a difference of three standard errors is hardly chance.
  [[nodiscard]] bool beyond_chance() const;
};

/// The live heap in the first and the last of the incident's heap profiles, by the place that allocated.
struct HeapGrowth {
  const model::Evidence* first = nullptr;
  const model::Evidence* last = nullptr;
  HeapSite whole;
  std::vector<HeapSite> sites;  ///< the most growth first
};

/// The place whose samples have the largest sum in a column, and the sum of all.
struct HeaviestPlace {
  CodePlace place;
  std::int64_t value = 0;
  std::int64_t total = 0;
};
HeaviestPlace heaviest_place(const model::Profile& profile, std::size_t column, const model::Symbols& symbols);

/// Empty (first == nullptr) with fewer than two heap profiles of different times.
/// Source  runtime/pprof/protomem.go scaleHeapSample: an object of s bytes is sampled with 1 - exp(-s/rate).
HeapGrowth heap_growth(const model::Incident& incident);

}  // namespace gopsy::analyze
