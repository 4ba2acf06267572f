#include "decode/traceback/timestamp.h"

#include <algorithm>
#include <chrono>

#include "base/text.h"

namespace gopsy::decode::traceback {
namespace {

// Exactly `width` digits from the front of `text`.
std::optional<unsigned> digits(std::string_view& text, std::size_t width) {
  if (text.size() < width) return std::nullopt;
  unsigned value = 0;
  for (const char c : text.substr(0, width)) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<unsigned>(c - '0');
  }
  text.remove_prefix(width);
  return value;
}

std::optional<unsigned> after(std::string_view& text, std::string_view separators, std::size_t width) {
  if (text.empty() || !separators.contains(text[0])) return std::nullopt;
  text.remove_prefix(1);
  return digits(text, width);
}

std::int64_t take_fraction_ns(std::string_view& text) {
  if (!consume(text, ".")) return 0;
  std::int64_t ns = 0;
  for (std::int64_t unit = 100'000'000; !text.empty() && text[0] >= '0' && text[0] <= '9'; unit /= 10) {
    ns += unit * (text[0] - '0');
    text.remove_prefix(1);
  }
  return ns;
}

std::int64_t take_zone_ns(std::string_view& text) {
  if (consume(text, "Z") || text.empty() || (text[0] != '+' && text[0] != '-')) return 0;
  const bool east = text[0] == '+';
  std::string_view rest = text.substr(1);
  const auto hours = digits(rest, 2);
  consume(rest, ":");
  const auto minutes = digits(rest, 2);
  if (!hours || !minutes) return 0;
  text = rest;
  const auto seconds = std::int64_t{*hours} * 3600 + std::int64_t{*minutes} * 60;
  return (east ? seconds : -seconds) * 1'000'000'000;
}

std::optional<std::int64_t> take(std::string_view& text) {
  std::string_view rest = text;
  const auto year = digits(rest, 4);
  const auto month = year ? after(rest, "/-", 2) : std::nullopt;
  const auto day = month ? after(rest, "/-", 2) : std::nullopt;
  const auto hour = day ? after(rest, " T", 2) : std::nullopt;
  const auto minute = hour ? after(rest, ":", 2) : std::nullopt;
  const auto second = minute ? after(rest, ":", 2) : std::nullopt;
  if (!second) return std::nullopt;
  using namespace std::chrono;
  const year_month_day date{std::chrono::year(static_cast<int>(*year)), std::chrono::month(*month),
                            std::chrono::day(*day)};
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  const std::int64_t fraction = take_fraction_ns(rest);
  const auto seconds = duration_cast<std::chrono::seconds>(sys_days(date).time_since_epoch()).count() + *hour * 3600 +
                       *minute * 60 + *second;
  // Years outside 1678 to 2262 do not fit 64 bits of nanoseconds.
  if (seconds > 9'000'000'000 || seconds < -9'000'000'000) return std::nullopt;
  const std::int64_t zone = take_zone_ns(rest);
  text = rest;
  return std::int64_t{seconds} * 1'000'000'000 + fraction - zone;
}

}  // namespace

std::optional<std::int64_t> timestamp(std::string_view line) { return take(line); }

void skip_timestamp(std::string_view& line) {
  if (take(line)) line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
}

}  // namespace gopsy::decode::traceback
