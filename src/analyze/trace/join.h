#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <utility>

#include "model/symbols.h"
#include "model/trace_facts.h"
#include "model/traceback.h"

namespace gopsy::analyze {

/// A goroutine of a traceback found in a trace, and what speaks for it that it is the same one.
struct TraceMatch {
  const model::TraceEnding::Goroutine* goroutine = nullptr;
  bool same_start = false;    ///< begins in the same function; of goroutine 1, which all programs have, not asked
  bool same_creator = false;  ///< made by the goroutine of the same id
  bool same_place = false;    ///< made by the same function, in the same line
  bool same_code = false;     ///< functions of its stack are in the trace, in the same files

  /// 0 to 1, as findings have it.
  [[nodiscard]] double confidence() const;
};

/// Finds the goroutines of tracebacks in one trace.
///
/// Shape   ids are equal in both if log and trace are of one process. Every process counts from 1, so an id alone says
///         little: what both say of the goroutine is compared.
class TraceIdentity {
 public:
  TraceIdentity(const model::TraceFacts& facts, const model::Symbols& symbols);

  /// Nothing where the trace has no such id at its end, or says something else of it.
  [[nodiscard]] std::optional<TraceMatch> find(const model::Traceback& traceback, const model::Goroutine& g) const;

  /// Are functions of these frames in the trace, in the same files?
  [[nodiscard]] bool knows_code_of(const model::Traceback& traceback, const model::Goroutine& g) const;

 private:
  const model::TraceFacts& facts_;
  const model::Symbols& symbols_;
  std::set<std::pair<StringId, StringId>> code_;  // function and file
};

}  // namespace gopsy::analyze
