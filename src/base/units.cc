#include "base/units.h"

#include <array>
#include <cmath>
#include <ctime>

#include "base/format.h"

namespace gopsy {
namespace {

struct Unit {
  double size;
  std::string_view name;
};

constexpr std::array kByteUnits{Unit{1, "B"}, Unit{0x1p10, "KiB"}, Unit{0x1p20, "MiB"}, Unit{0x1p30, "GiB"}, Unit{0x1p40, "TiB"}};
constexpr std::array kTimeUnits{Unit{1, "ns"}, Unit{1e3, "µs"}, Unit{1e6, "ms"}, Unit{1e9, "s"}, Unit{60e9, "min"}, Unit{3600e9, "h"}};

// Three significant digits, and none after the point for the smallest unit, which is exact.
template <std::size_t N>
std::string in_units(double value, const std::array<Unit, N>& units) {
  std::size_t i = 0;
  while (i + 1 < N && std::abs(value) >= units[i + 1].size) ++i;
  const double scaled = value / units[i].size;
  const int digits = i == 0 || std::abs(scaled) >= 99.95 ? 0 : std::abs(scaled) >= 9.995 ? 1 : 2;
  return fmt::format("{:.{}f} {}", scaled, digits, units[i].name);
}

}  // namespace

std::string with_commas(std::uint64_t count) {
  std::string digits = fmt::format("{}", count);
  for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3)
    digits.insert(static_cast<std::size_t>(at), 1, ',');
  return digits;
}

std::string human_bytes(std::uint64_t bytes) { return in_units(static_cast<double>(bytes), kByteUnits); }

std::string human_duration(std::int64_t ns) { return in_units(static_cast<double>(ns), kTimeUnits); }

std::string human_value(std::int64_t value, std::string_view unit) {
  if (unit == "nanoseconds" || unit == "ns") return human_duration(value);
  if (unit == "bytes") return in_units(static_cast<double>(value), kByteUnits);
  const auto magnitude = value < 0 ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
  std::string text = (value < 0 ? "-" : "") + with_commas(magnitude);
  if (unit.empty() || unit == "count") return text;
  return fmt::format("{} {}", text, unit);
}

std::string percent(double share) {
  const double value = share * 100;
  if (value == 0) return "0%";
  if (std::abs(value) >= 99.95) return fmt::format("{:.0f}%", value);
  if (std::abs(value) >= 1) return fmt::format("{:.1f}%", value);
  return fmt::format("{:.2g}%", value);
}

std::string counted(std::uint64_t count, std::string_view singular, std::string_view plural) {
  if (count == 1) return fmt::format("1 {}", singular);
  if (!plural.empty()) return fmt::format("{} {}", with_commas(count), plural);
  return fmt::format("{} {}s", with_commas(count), singular);
}

std::string utc_time(std::int64_t unix_ns) {
  const std::time_t seconds = unix_ns / 1'000'000'000;
  std::tm parts{};
  if (gmtime_r(&seconds, &parts) == nullptr) return "?";
  std::array<char, 32> text{};
  const std::size_t length = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return {text.data(), length};
}

}  // namespace gopsy
