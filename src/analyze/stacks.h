#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "model/evidence.h"

namespace gopsy::analyze {

/// Stacks with a weight each: what every evidence with stacks can be reduced to.
struct WeightedStacks {
  std::vector<model::StackId> stacks;
  std::vector<std::int64_t> weights;
  StringId type;                ///< "cpu", "inuse_space", "goroutines"
  StringId unit;                ///< "nanoseconds", "bytes", "count"
  std::uint64_t truncated = 0;  ///< stacks whose root side was cut; they hang under a marker frame
};

/// One column of a profile. `sample_index` is a type name or a decimal index; empty = the default column.
/// Stacks cut at the collector's limit (64 frames for CPU, `profstackdepth` else) are put under a
/// marker frame "[truncated at N]" instead of standing as roots of their own.
///
/// Errors  Usage: no such column.
/// Cost    linear in the nodes of the profile's tree plus its samples, not in depth times samples.
Result<WeightedStacks> stacks_of(const model::Profile& profile, std::string_view sample_index, model::Symbols& symbols);

/// Every goroutine of a traceback, weight 1; system goroutines of the runtime left out.
WeightedStacks stacks_of(const model::Traceback& traceback, model::Symbols& symbols);

}  // namespace gopsy::analyze
