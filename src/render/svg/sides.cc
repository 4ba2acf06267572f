#include "render/svg/sides.h"

#include <algorithm>
#include <cmath>

#include "base/format.h"
#include "base/units.h"

namespace gopsy::render {
namespace {

double change_of(const analyze::WeightedStacks::Sides& sides) {
  return static_cast<double>(sides.after) - static_cast<double>(sides.before);
}

std::string amount(double value, std::string_view unit) {
  const std::string text = human_value(std::llround(std::min(std::abs(value), 9e18)), unit);
  return value < 0 ? '-' + text : text;
}

}  // namespace

std::string css_of_change(const analyze::WeightedStacks::Sides& sides, std::int64_t weight) {
  const double change = change_of(sides);
  const double ratio = weight == 0 ? 0 : std::abs(change) / static_cast<double>(weight);
  if (ratio < 0.01) return "e0";
  const int strength = ratio < 0.1 ? 1 : (ratio < 0.5 ? 2 : 3);
  return fmt::format("e{}", change > 0 ? strength : strength + 3);
}

std::string figures_of_change(const analyze::WeightedStacks::Sides& sides, std::int64_t before_total,
                              std::string_view unit) {
  const double change = change_of(sides);
  std::string text =
      fmt::format("{} → {}, {}{}", amount(static_cast<double>(sides.before), unit),
                  amount(static_cast<double>(sides.after), unit), change > 0 ? "+" : "", amount(change, unit));
  if (before_total != 0)
    text += fmt::format(", {:+.1f}% of the total before", change / std::abs(static_cast<double>(before_total)) * 100);
  return text;
}

}  // namespace gopsy::render
