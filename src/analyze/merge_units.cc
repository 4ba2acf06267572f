#include "analyze/merge_units.h"

#include <algorithm>
#include <array>
#include <string>

namespace gopsy::analyze {
namespace {

enum class Family : unsigned char { Bytes, Time, Gcu };

struct Unit {
  std::string_view name;
  Family family;
  double factor;
};

constexpr double kKibi = 1024;
constexpr std::array kUnits{
    Unit{"b", Family::Bytes, 1},
    Unit{"byte", Family::Bytes, 1},
    Unit{"kb", Family::Bytes, kKibi},
    Unit{"kbyte", Family::Bytes, kKibi},
    Unit{"kilobyte", Family::Bytes, kKibi},
    Unit{"mb", Family::Bytes, kKibi* kKibi},
    Unit{"mbyte", Family::Bytes, kKibi* kKibi},
    Unit{"megabyte", Family::Bytes, kKibi* kKibi},
    Unit{"gb", Family::Bytes, kKibi* kKibi* kKibi},
    Unit{"gbyte", Family::Bytes, kKibi* kKibi* kKibi},
    Unit{"gigabyte", Family::Bytes, kKibi* kKibi* kKibi},
    Unit{"tb", Family::Bytes, kKibi* kKibi* kKibi* kKibi},
    Unit{"tbyte", Family::Bytes, kKibi* kKibi* kKibi* kKibi},
    Unit{"terabyte", Family::Bytes, kKibi* kKibi* kKibi* kKibi},
    Unit{"pb", Family::Bytes, kKibi* kKibi* kKibi* kKibi* kKibi},
    Unit{"pbyte", Family::Bytes, kKibi* kKibi* kKibi* kKibi* kKibi},
    Unit{"petabyte", Family::Bytes, kKibi* kKibi* kKibi* kKibi* kKibi},
    Unit{"ns", Family::Time, 1},
    Unit{"nanosecond", Family::Time, 1},
    Unit{"\u03bcs", Family::Time, 1e3},
    Unit{"us", Family::Time, 1e3},
    Unit{"microsecond", Family::Time, 1e3},
    Unit{"ms", Family::Time, 1e6},
    Unit{"millisecond", Family::Time, 1e6},
    Unit{"s", Family::Time, 1e9},
    Unit{"sec", Family::Time, 1e9},
    Unit{"second", Family::Time, 1e9},
    Unit{"hour", Family::Time, 3600e9},
    Unit{"hr", Family::Time, 3600e9},
    Unit{"nanogcu", Family::Gcu, 1e-9},
    Unit{"microgcu", Family::Gcu, 1e-6},
    Unit{"milligcu", Family::Gcu, 1e-3},
    Unit{"gcu", Family::Gcu, 1},
    Unit{"kilogcu", Family::Gcu, 1e3},
    Unit{"megagcu", Family::Gcu, 1e6},
    Unit{"gigagcu", Family::Gcu, 1e9},
    Unit{"teragcu", Family::Gcu, 1e12},
    Unit{"petagcu", Family::Gcu, 1e15},
};

const Unit* find_unit(std::string_view name) {
  std::string lower(name);
  std::ranges::transform(lower, lower.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  if (lower.size() > 2 && lower.ends_with('s')) lower.pop_back();
  const auto* found = std::ranges::find(kUnits, lower, &Unit::name);
  return found == kUnits.end() ? nullptr : found;
}

}  // namespace

std::optional<double> unit_ratio(std::string_view from, std::string_view to) {
  if (from == to) return 1.0;
  const Unit* a = find_unit(from);
  const Unit* b = find_unit(to);
  if (a == nullptr || b == nullptr || a->family != b->family) return std::nullopt;
  return a->factor / b->factor;
}

}  // namespace gopsy::analyze
