#include "rules/heap.h"

#include <algorithm>

#include "base/format.h"
#include "base/units.h"

namespace gopsy::rules {
namespace {

std::string size_text(std::int64_t bytes) {
  return human_bytes(static_cast<std::uint64_t>(std::max<std::int64_t>(0, bytes)));
}

}  // namespace

std::optional<HeapWords> add_heap(const model::Incident& incident, std::string_view flat_remark,
                                  std::string_view remark, Finding& finding) {
  const auto trend = analyze::heap_trend(incident);
  if (!trend) return std::nullopt;
  HeapWords words{.first = size_text(trend->first_bytes), .last = size_text(trend->last_bytes), .flat = trend->flat()};
  finding.evidence.push_back(
      {.text = fmt::format("live heap {} there, {} here{}", words.first, words.last, words.flat ? flat_remark : remark),
       .path = fmt::format("{}, {}", trend->first->path, trend->last->path)});
  return words;
}

}  // namespace gopsy::rules
