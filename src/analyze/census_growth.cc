#include "analyze/census_growth.h"

#include <algorithm>
#include <map>
#include <utility>

namespace gopsy::analyze {
namespace {

using model::HeapCensus;

std::int64_t change(std::uint64_t before, std::uint64_t after) { return static_cast<std::int64_t>(after - before); }

template <class Key>
std::vector<CensusGrowth::Row> rows_of(std::map<Key, CensusGrowth::Row> changes) {
  std::vector<CensusGrowth::Row> rows;
  for (auto& [key, row] : changes)
    if (row.objects != 0 || row.bytes != 0) rows.push_back(std::move(row));
  std::ranges::stable_sort(rows, std::greater(), &CensusGrowth::Row::bytes);
  return rows;
}

}  // namespace

CensusGrowth census_growth(const HeapCensus& before, const HeapCensus& after) {
  std::map<std::pair<std::uint64_t, bool>, CensusGrowth::Row> classes;
  std::map<std::string, CensusGrowth::Row> types;
  for (const auto& [census, sign] : {std::pair(&before, -1), std::pair(&after, 1)}) {
    for (const HeapCensus::SizeClass& one : census->classes) {
      CensusGrowth::Row& row = classes[{one.object_bytes, one.pointers}];
      row.object_bytes = one.object_bytes;
      row.pointers = one.pointers;
      row.objects += sign * static_cast<std::int64_t>(one.objects);
      row.bytes += sign * static_cast<std::int64_t>(one.bytes);
    }
    for (const HeapCensus::Type& one : census->types) {
      CensusGrowth::Row& row = types[one.name];
      row.name = one.name;
      row.objects += sign * static_cast<std::int64_t>(one.objects);
      row.bytes += sign * static_cast<std::int64_t>(one.bytes);
    }
  }
  return {.classes = rows_of(std::move(classes)),
          .types = rows_of(std::move(types)),
          .objects = change(before.objects, after.objects),
          .bytes = change(before.bytes, after.bytes),
          .stack_bytes = change(before.stack_bytes, after.stack_bytes)};
}

}  // namespace gopsy::analyze
