#include "analyze/pprof/measurement.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <span>

#include "base/format.h"

namespace gopsy::pprof {
namespace {

struct Unit {
  std::string_view name;
  std::array<std::string_view, 3> aliases;
  double factor;
};

struct Family {
  std::span<const Unit> units;
  Unit fallback;  // what other units become
};

constexpr double kKilo = 1024;
constexpr std::array kBytes{
    Unit{"B", {"b", "byte"}, 1},
    Unit{"kB", {"kb", "kbyte", "kilobyte"}, kKilo},
    Unit{"MB", {"mb", "mbyte", "megabyte"}, kKilo* kKilo},
    Unit{"GB", {"gb", "gbyte", "gigabyte"}, kKilo* kKilo* kKilo},
    Unit{"TB", {"tb", "tbyte", "terabyte"}, kKilo* kKilo* kKilo* kKilo},
    Unit{"PB", {"pb", "pbyte", "petabyte"}, kKilo* kKilo* kKilo* kKilo* kKilo},
};
constexpr std::array kTime{
    Unit{"ns", {"ns", "nanosecond"}, 1},    Unit{"us", {"\u03bcs", "us", "microsecond"}, 1e3},
    Unit{"ms", {"ms", "millisecond"}, 1e6}, Unit{"s", {"s", "sec", "second"}, 1e9},
    Unit{"hrs", {"hour", "hr"}, 3600e9},
};
constexpr std::array kCompute{
    Unit{"n*GCU", {"nanogcu"}, 1e-9}, Unit{"u*GCU", {"microgcu"}, 1e-6}, Unit{"m*GCU", {"milligcu"}, 1e-3},
    Unit{"GCU", {"gcu"}, 1},          Unit{"k*GCU", {"kilogcu"}, 1e3},   Unit{"M*GCU", {"megagcu"}, 1e6},
    Unit{"G*GCU", {"gigagcu"}, 1e9},  Unit{"T*GCU", {"teragcu"}, 1e12},  Unit{"P*GCU", {"petagcu"}, 1e15},
};
const std::array kFamilies{
    Family{.units = kBytes, .fallback = kBytes[0]},
    Family{.units = kTime, .fallback = kTime[3]},
    Family{.units = kCompute, .fallback = kCompute[3]},
};

const Unit* find(const Family& family, std::string_view text) {
  std::string name(text);
  std::ranges::transform(name, name.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  if (name.size() > 2 && name.ends_with('s')) name.pop_back();
  for (const Unit& unit : family.units) {
    for (const std::string_view alias : unit.aliases)
      if (!alias.empty() && alias == name) return &unit;
  }
  return nullptr;
}

Measure in_unit(double value, const Unit& unit) {
  return {.value = value / unit.factor, .unit = std::string(unit.name)};
}

Measure fitting(const Family& family, double value) {
  const Unit* best = nullptr;
  for (const Unit& unit : family.units) {
    if ((best == nullptr || unit.factor >= best->factor) && value / unit.factor >= 1.0) best = &unit;
  }
  return in_unit(value, best == nullptr ? family.fallback : *best);
}

std::optional<Measure> convert(const Family& family, std::int64_t value, std::string_view from, std::string_view to) {
  const Unit* source = find(family, from);
  if (source == nullptr) return std::nullopt;
  const double base = static_cast<double>(value) * source->factor;
  if (to == "minimum" || to == "auto") return fitting(family, base);
  const Unit* target = find(family, to);
  return in_unit(base, target == nullptr ? family.fallback : *target);
}

}  // namespace

Measure scale(std::int64_t value, std::string_view from, std::string_view to) {
  if (value < 0 && absolute(value) > 0) {
    Measure positive = scale(absolute(value), from, to);
    positive.value = -positive.value;
    return positive;
  }
  for (const Family& family : kFamilies) {
    if (auto measure = convert(family, value, from, to)) return *std::move(measure);
  }
  const bool plain = to == "count" || to == "sample" || to == "unit" || to == "minimum" || to == "auto";
  return {.value = static_cast<double>(value), .unit = plain ? std::string() : std::string(to)};
}

std::string scaled_label(std::int64_t value, std::string_view from, std::string_view to) {
  const Measure measure = scale(value, from, to);
  std::string text = fmt::format("{:.2f}", measure.value);
  if (text.ends_with(".00")) text.resize(text.size() - 3);
  if (text == "0" || text == "-0") return "0";
  return text + measure.unit;
}

std::string percentage(std::int64_t value, std::int64_t total) {
  const double share = total == 0 ? 0 : std::abs(static_cast<double>(value) / static_cast<double>(total)) * 100;
  if (share >= 99.95 && share <= 100.05) return "  100%";
  return share >= 1.0 ? fmt::format("{:5.2f}%", share) : fmt::format("{:5.2g}%", share);
}

bool same_family(std::string_view a, std::string_view b) {
  if (a == b) return true;
  return std::ranges::any_of(
      kFamilies, [&](const Family& family) { return find(family, a) != nullptr && find(family, b) != nullptr; });
}

std::int64_t truncated(double value) {
  constexpr double kLimit = 9223372036854775808.0;
  if (!(value > -kLimit && value < kLimit)) return INT64_MIN;
  return static_cast<std::int64_t>(value);
}

}  // namespace gopsy::pprof
