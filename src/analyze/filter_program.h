#pragma once

#include <re2/re2.h>

#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "analyze/goroutine_filter.h"

namespace gopsy::analyze {

/// What a comparison of a GoroutineFilter asks for; the names are in kFields of filter_parser.cc, in this order.
enum class FilterFieldId : std::uint8_t {
  Id,
  Minutes,
  Frames,
  Count,
  Creator,
  Address,
  State,
  Func,
  File,
  User,
  Top,
  Created,
  Label,
  Locked,
  Leaked,
  Crashed,
  Cut,
  Runtime,
};

enum class FilterOperator : std::uint8_t { Equal, NotEqual, Less, LessEqual, Greater, GreaterEqual, Match, NoMatch };

/// One step of a filter in postfix order: a comparison pushes its answer, the others replace what they take.
struct FilterStep {
  enum class Kind : std::uint8_t { Compare, Not, And, Or } kind = Kind::Compare;
  FilterFieldId field = FilterFieldId::Id;
  FilterOperator op = FilterOperator::Equal;
  std::uint64_t number = 0;
  std::string text;  ///< to compare with
  std::string key;   ///< of a label
  std::unique_ptr<re2::RE2> expression;
};

/// Reads a filter. An explicit stack holds what waits for its right side: nesting costs memory, not calls.
std::expected<std::vector<FilterStep>, GoroutineFilter::Mistake> parse_filter(std::string_view text);

}  // namespace gopsy::analyze
