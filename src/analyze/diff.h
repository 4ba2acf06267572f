#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "analyze/stacks.h"
#include "base/error.h"
#include "model/profile.h"
#include "model/symbols.h"

namespace gopsy::analyze {

struct DiffOptions {
  std::string_view sample_index;  ///< a value type's name or number; empty: the default of `after`
  bool normalize = false;         ///< scale `after` to the total of `before`: compares shares instead of amounts
};

/// What changed between two profiles, function by function and stack by stack.
///
/// Shape   stacks are lists of functions, root first, in `frames`; functions are joined by their canonical names, so
///         that two versions of Go, or of the program, meet. Both lists are sorted by the size of the change, then by
///         the order of first sight.
/// Yields  own costs and stacks add up: their deltas sum to `after_total - before_total`. Cumulative costs count a
///         function once a stack however often it recurs.
struct ProfileDiff {
  struct Function {
    StringId name;
    std::int64_t before_own = 0;
    std::int64_t after_own = 0;
    std::int64_t before_all = 0;  ///< with what it calls
    std::int64_t after_all = 0;
  };
  struct Stack {
    std::uint64_t first = 0;  ///< into `frames`
    std::uint32_t depth = 0;
    std::int64_t before = 0;
    std::int64_t after = 0;
  };
  StringId type;
  StringId unit;
  std::int64_t before_total = 0;
  std::int64_t after_total = 0;
  double scale = 1.0;      ///< by what `after` was multiplied
  bool saturated = false;  ///< a sum met the 64-bit limit and stayed there
  std::vector<StringId> frames;
  std::vector<Function> functions;
  std::vector<Stack> stacks;
};

/// Errors  Usage: no such value type in `after`. Malformed: `before` does not measure it, or in a unit that cannot be
///         compared.
/// Cost    a hash of each stack, a mark a frame; sorting the distinct ones.
Result<ProfileDiff> diff(const model::Profile& before, const model::Profile& after, const DiffOptions& options,
                         model::Symbols& symbols);

/// The stacks of both sides for a flame graph. A stack weighs what the larger of its sides does, so that what is gone
/// keeps its place beside what is new.
WeightedStacks stacks_of(const ProfileDiff& diff, model::Symbols& symbols);

/// The column that `sample_index` names: a type's name, a number, or nothing for the default; width of the profile if
/// there is none such.
std::size_t find_column(const model::Profile& profile, std::string_view sample_index, const model::Symbols& symbols);

}  // namespace gopsy::analyze
