#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "model/trace.h"
#include "model/trace_stacks.h"

namespace gopsy::analyze {

/// Gives the stacks and names of one generation after the other rows that mean the same in all of them.
///
/// Cost    the first time that a generation mentions a row, a hash of its content; from then on one load.
class WholeTrace {
 public:
  explicit WholeTrace(model::Symbols& symbols) : symbols_(symbols) {}

  void generation(const model::TraceTables& tables);

  /// The row in `stacks()` of a stack of the generation.
  std::uint32_t stack(std::uint32_t row) {
    if (row < stack_rows_.size() && stack_rows_[row] != kUnknown) [[likely]]
      return stack_rows_[row];
    return find_stack(row);
  }
  /// The id in Symbols of a string of the generation.
  StringId text(std::uint64_t row) {
    if (row < texts_.size() && texts_[row] != kUnknown) [[likely]]
      return StringId(texts_[row]);
    return find_text(row);
  }

  [[nodiscard]] const model::TraceStacks& stacks() const { return stacks_; }
  model::TraceStacks take() { return std::move(stacks_); }
  [[nodiscard]] model::Symbols& symbols() const { return symbols_; }

  /// The function that a goroutine with this stack (a row of `stacks()`) began in: the outermost.
  [[nodiscard]] StringId outermost(std::uint32_t stack) const;

 private:
  static constexpr std::uint32_t kUnknown = UINT32_MAX;

  std::uint32_t find_stack(std::uint32_t row);
  StringId find_text(std::uint64_t row);
  std::uint32_t place(std::uint32_t frame);

  model::Symbols& symbols_;
  const model::TraceTables* tables_ = nullptr;
  model::TraceStacks stacks_;
  std::unordered_multimap<std::uint64_t, std::uint32_t> stacks_by_hash_;
  std::unordered_multimap<std::uint64_t, std::uint32_t> places_by_pc_;
  std::vector<std::uint32_t> stack_rows_;  // of this generation
  std::vector<std::uint32_t> place_rows_;
  std::vector<std::uint32_t> texts_;
  std::vector<std::uint32_t> scratch_;
};

}  // namespace gopsy::analyze
