#pragma once

#include <optional>
#include <string>

#include "analyze/lookup.h"
#include "rules/rule.h"

namespace gopsy::rules {

/// The live heap in the first and last heap profile at hand, in words.
struct HeapWords {
  std::string first;  ///< "11.7 MiB"
  std::string last;
  bool flat = false;
};

/// Adds both sizes to the evidence, with `remark` behind them if it grew or `flat_remark` if it did not. Nothing
/// with fewer than two heap profiles.
std::optional<HeapWords> add_heap(const model::Incident& incident, std::string_view flat_remark,
                                  std::string_view remark, Finding& finding);

}  // namespace gopsy::rules
