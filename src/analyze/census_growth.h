#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/heap_census.h"

namespace gopsy::analyze {

/// What changed between two censuses of one program.
///
/// Shape   rows that changed, by how many bytes, most growth first; those that did not change are left out.
struct CensusGrowth {
  struct Row {
    std::string name;  ///< of the type; empty for size classes
    std::uint64_t object_bytes = 0;
    bool pointers = false;
    std::int64_t objects = 0;
    std::int64_t bytes = 0;
  };
  std::vector<Row> classes;
  std::vector<Row> types;
  std::int64_t objects = 0;
  std::int64_t bytes = 0;
  std::int64_t stack_bytes = 0;
};

CensusGrowth census_growth(const model::HeapCensus& before, const model::HeapCensus& after);

}  // namespace gopsy::analyze
