#include "base/duration.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace gopsy {
namespace {

struct Unit {
  double ns;
  std::string_view name;
};

constexpr std::array kUnits{Unit{1, "ns"},   Unit{1e3, "us"}, Unit{1e3, "µs"}, Unit{1e3, "μs"},
                            Unit{1e6, "ms"}, Unit{1e9, "s"},  Unit{60e9, "m"}, Unit{3600e9, "h"}};

}  // namespace

std::optional<std::int64_t> parse_duration(std::string_view text) {
  if (text.empty()) return std::nullopt;
  double sum = 0;
  while (!text.empty()) {
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
    if (error != std::errc() || !(number >= 0) || text.front() == '-') return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    // "m" begins "ms", too, which stands before it.
    const auto* unit = std::ranges::find_if(kUnits, [&](const Unit& one) { return text.starts_with(one.name); });
    if (unit == kUnits.end()) return std::nullopt;
    text.remove_prefix(unit->name.size());
    sum += number * unit->ns;
  }
  if (!(sum < 9.2e18)) return std::nullopt;
  return std::llround(sum);
}

}  // namespace gopsy
