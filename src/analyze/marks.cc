#include "analyze/marks.h"

#include <algorithm>
#include <cmath>

namespace gopsy::analyze {

std::optional<std::size_t> column_of(const model::Profile& profile, const model::Symbols& symbols,
                                     std::string_view type) {
  for (std::size_t i = 0; i < profile.types.size(); ++i)
    if (symbols.text(profile.types[i].type) == type) return i;
  return std::nullopt;
}

StackMarks::StackMarks(const model::Profile& profile, const model::Symbols& symbols,
                       const std::function<Marks(std::string_view function)>& marks_of)
    : profile_(profile) {
  functions_.reserve(profile.functions.size());
  for (const auto& function : profile.functions) functions_.push_back(marks_of(symbols.text(function.name)));
  locations_.reserve(profile.locations.size());
  for (const auto& location : profile.locations) {
    Marks marks = 0;
    for (std::uint32_t line = 0; line < location.line_count; ++line)
      marks |= functions_[profile.lines[location.first_line + line].function];
    locations_.push_back(marks);
  }
}

Marks StackMarks::of(std::size_t sample) const {
  Marks marks = 0;
  for (const std::uint32_t location : profile_.stack(sample)) marks |= locations_[location];
  return marks;
}

Marks StackMarks::of_leaf(std::size_t sample) const {
  const auto stack = profile_.stack(sample);
  if (stack.empty()) return 0;
  const auto& leaf = profile_.locations[stack[0]];
  return leaf.line_count == 0 ? 0 : functions_[profile_.lines[leaf.first_line].function];
}

std::vector<Place> frames_of(const model::Profile& profile, std::size_t sample) {
  std::vector<Place> frames;
  for (const std::uint32_t at : profile.stack(sample)) {
    const auto& location = profile.locations[at];
    for (std::uint32_t i = 0; i < location.line_count; ++i) {
      const auto& line = profile.lines[location.first_line + i];
      frames.push_back({.function = line.function, .line = line.line, .inlined = i + 1 < location.line_count});
    }
  }
  return frames;
}

Interval share_interval(double hits, double all) {
  if (all <= 0) return {};
  constexpr double kZ = 1.96;  // of a normal distribution, for 95 %
  const double share = hits / all;
  const double scale = 1 + kZ * kZ / all;
  const double middle = (share + kZ * kZ / (2 * all)) / scale;
  const double half = kZ * std::sqrt(share * (1 - share) / all + kZ * kZ / (4 * all * all)) / scale;
  return {.low = std::max(0.0, middle - half), .high = std::min(1.0, middle + half)};
}

std::int64_t saturating_sum(std::int64_t a, std::int64_t b) {
  std::int64_t sum = 0;
  return __builtin_add_overflow(a, b, &sum) ? (b > 0 ? INT64_MAX : INT64_MIN) : sum;
}

}  // namespace gopsy::analyze
