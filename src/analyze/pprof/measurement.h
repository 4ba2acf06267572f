#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace gopsy::pprof {

/// A value in some unit; an empty unit is one that nobody prints ("count").
struct Measure {
  double value = 0;
  std::string unit;
};

/// Converts between units of one family (bytes, time, GCU); "minimum" and "auto" take the largest unit in which the
/// value is 1 or more. A target outside the family becomes the family's default unit, and a source outside all
/// families keeps its value: `-unit=minutes` prints seconds, as in pprof.
/// Source  internal/measurement/measurement.go; reference/pprof.md section 3.
Measure scale(std::int64_t value, std::string_view from, std::string_view to);

/// "12.50MB": two decimals, ".00" left out, zero without its unit.
std::string scaled_label(std::int64_t value, std::string_view from, std::string_view to);

/// scaled_label to the unit that fits.
inline std::string label(std::int64_t value, std::string_view unit) { return scaled_label(value, unit, "auto"); }

/// "  100%", " 3.14%", "0.0085%": the share without its sign, at least six wide.
std::string percentage(std::int64_t value, std::int64_t total);

/// Are values in both units comparable: the same, or of one family?
bool same_family(std::string_view a, std::string_view b);

/// Go's int64(float64): what does not fit becomes the smallest number, as the amd64 instruction has it.
std::int64_t truncated(double value);

/// |v|, where the smallest number stays what it is.
inline std::int64_t absolute(std::int64_t v) {
  return v < 0 ? static_cast<std::int64_t>(0 - static_cast<std::uint64_t>(v)) : v;
}

/// a + b as Go adds: without a word when it wraps. The drop-in must print what pprof prints.
inline std::int64_t wrapping_add(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

/// a / b as Go divides. REQUIRES: b is not 0.
inline std::int64_t wrapping_divide(std::int64_t a, std::int64_t b) {
  return b == -1 ? static_cast<std::int64_t>(0 - static_cast<std::uint64_t>(a)) : a / b;
}

}  // namespace gopsy::pprof
