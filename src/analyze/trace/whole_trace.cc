#include "analyze/trace/whole_trace.h"

#include <algorithm>

namespace gopsy::analyze {

void WholeTrace::generation(const model::TraceTables& tables) {
  tables_ = &tables;
  stack_rows_.assign(tables.stack_start.size(), kUnknown);
  place_rows_.assign(tables.frames.size(), kUnknown);
  texts_.assign(tables.strings.size(), kUnknown);
  // No stack, and a lost one, are that everywhere.
  for (std::uint32_t row = 0; row <= model::TraceStacks::kLost && row < stack_rows_.size(); ++row)
    stack_rows_[row] = row;
}

std::uint32_t WholeTrace::place(std::uint32_t frame) {
  std::uint32_t& known = place_rows_[frame];
  if (known != kUnknown) return known;
  const model::TraceFrame& from = tables_->frames[frame];
  const model::TracePlace place{
      .pc = from.pc,
      .frame = symbols_.frame({.function = text(from.function),
                               .file = text(from.file),
                               .line = static_cast<std::uint32_t>(std::min<std::uint64_t>(from.line, UINT32_MAX))})};
  const auto [begin, end] = places_by_pc_.equal_range(place.pc);
  for (auto at = begin; at != end; ++at)
    if (stacks_.places[at->second].frame == place.frame) return known = at->second;
  known = static_cast<std::uint32_t>(stacks_.places.size());
  stacks_.places.push_back(place);
  places_by_pc_.emplace(place.pc, known);
  return known;
}

std::uint32_t WholeTrace::find_stack(std::uint32_t row) {
  if (tables_ == nullptr || row >= stack_rows_.size()) return 0;
  scratch_.clear();
  std::uint64_t hash = 0;
  for (const std::uint32_t frame : tables_->stack(row)) {
    scratch_.push_back(place(frame));
    hash = (hash ^ scratch_.back()) * 0x9E3779B97F4A7C15ULL;
    hash ^= hash >> 29;
  }
  if (scratch_.empty()) return stack_rows_[row] = 0;
  const auto [begin, end] = stacks_by_hash_.equal_range(hash);
  for (auto at = begin; at != end; ++at)
    if (std::ranges::equal(stacks_.stack(at->second), scratch_)) return stack_rows_[row] = at->second;
  const auto added = static_cast<std::uint32_t>(stacks_.size());
  stacks_.rows.insert(stacks_.rows.end(), scratch_.begin(), scratch_.end());
  stacks_.start.push_back(static_cast<std::uint32_t>(stacks_.rows.size()));
  stacks_by_hash_.emplace(hash, added);
  return stack_rows_[row] = added;
}

StringId WholeTrace::find_text(std::uint64_t row) {
  if (tables_ == nullptr) return {};
  const StringId id = symbols_.intern(tables_->text(row));
  if (row < texts_.size()) texts_[row] = id.value;
  return id;
}

StringId WholeTrace::outermost(std::uint32_t stack) const {
  const auto rows = stacks_.stack(stack);
  return rows.empty() ? StringId() : symbols_.frame(stacks_.places[rows.back()].frame).function;
}

}  // namespace gopsy::analyze
