#pragma once

#include <string>

#include "analyze/diff.h"
#include "model/symbols.h"

namespace gopsy::render {

/// A difference with the names of its two sides.
struct DiffDocument {
  const analyze::ProfileDiff& diff;
  const model::Symbols& symbols;
  std::string before;
  std::string after;
  std::size_t most_rows = 20;  ///< of each table of the text; what is left out is summed up below it
};

/// For people: totals, functions by own change, stacks by change. Shares are signed and of the total before; rows of a
/// table and the line below it sum to the change of the total.
std::string diff_text(const DiffDocument& document);

/// Everything as one object: `before`, `after`, `delta`, `functions`, `stacks`, each stack with its `state`: new, gone,
/// grown, shrunk or same.
std::string diff_json(const DiffDocument& document);

}  // namespace gopsy::render
