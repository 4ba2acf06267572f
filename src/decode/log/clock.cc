#include "decode/log/clock.h"

#include <algorithm>
#include <array>
#include <chrono>

#include "base/text.h"
#include "decode/traceback/timestamp.h"

namespace gopsy::decode::log {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::size_t leading_digits(std::string_view text) {
  return std::min(text.find_first_not_of("0123456789"), text.size());
}

bool take_digits(std::string_view& text, std::size_t width, unsigned& value) {
  if (leading_digits(text) < width) return false;
  value = static_cast<unsigned>(parse_decimal(text.substr(0, width)).value_or(0));
  text.remove_prefix(width);
  return true;
}

unsigned take_month(std::string_view& text) {
  constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto found = std::ranges::find(kMonths, text.substr(0, 3));
  if (found == kMonths.end()) return 0;
  text.remove_prefix(3);
  return static_cast<unsigned>(found - kMonths.begin()) + 1;
}

void take_weekday(std::string_view& text) {
  for (const std::string_view day : {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"}) {
    std::string_view rest = text;
    if (!consume(rest, day)) continue;
    consume(rest, ",");
    if (consume(rest, " ")) text = rest;
    return;
  }
}

// `20:01:01` with a fraction: ns since midnight.
std::optional<std::int64_t> take_clock(std::string_view& text) {
  std::string_view rest = text;
  unsigned hour = 0;
  unsigned minute = 0;
  unsigned second = 0;
  if (!take_digits(rest, 2, hour) || !consume(rest, ":") || !take_digits(rest, 2, minute) || !consume(rest, ":") ||
      !take_digits(rest, 2, second) || hour > 23 || minute > 59 || second > 60)
    return std::nullopt;
  std::int64_t ns = (std::int64_t{hour} * 3600 + std::int64_t{minute} * 60 + second) * 1'000'000'000;
  if (rest.size() > 1 && (rest[0] == '.' || rest[0] == ',') && is_digit(rest[1])) {
    rest.remove_prefix(1);
    for (std::int64_t unit = 100'000'000; !rest.empty() && is_digit(rest[0]); unit /= 10) {
      ns += unit * (rest[0] - '0');
      rest.remove_prefix(1);
    }
  }
  if (!rest.empty() && (is_digit(rest[0]) || rest[0] == ':')) return std::nullopt;
  text = rest;
  return ns;
}

// ` +0000`, `+01:00`, `Z`, ` UTC`: ns east of Greenwich.
std::int64_t take_zone(std::string_view& text) {
  if (consume(text, "Z") || consume(text, " UTC") || consume(text, " GMT")) return 0;
  std::string_view rest = text;
  consume(rest, " ");
  if (rest.empty() || (rest[0] != '+' && rest[0] != '-')) return 0;
  const bool east = rest[0] == '+';
  rest.remove_prefix(1);
  unsigned hours = 0;
  unsigned minutes = 0;
  if (!take_digits(rest, 2, hours)) return 0;
  consume(rest, ":");
  if (!take_digits(rest, 2, minutes)) return 0;
  text = rest;
  const std::int64_t seconds = std::int64_t{hours} * 3600 + std::int64_t{minutes} * 60;
  return (east ? seconds : -seconds) * 1'000'000'000;
}

std::int64_t date_ns(unsigned year, unsigned month, unsigned day) {
  using namespace std::chrono;
  const year_month_day date{std::chrono::year(static_cast<int>(year)), std::chrono::month(month),
                            std::chrono::day(day)};
  if (!date.ok() || year < 1970 || year > 2261) return 0;
  return duration_cast<seconds>(sys_days(date).time_since_epoch()).count() * 1'000'000'000;
}

// `Nov 22 20:01:01`, `Nov  2 …`, with a year before or behind the clock.
std::optional<std::int64_t> take_syslog(std::string_view& text) {
  std::string_view rest = text;
  take_weekday(rest);
  const unsigned month = take_month(rest);
  if (month == 0 || !consume(rest, " ")) return std::nullopt;
  consume(rest, " ");
  unsigned day = 0;
  const std::size_t width = leading_digits(rest);
  if (width == 0 || width > 2 || !take_digits(rest, width, day) || !consume(rest, " ")) return std::nullopt;
  unsigned year = 0;
  if (leading_digits(rest) == 4) {
    take_digits(rest, 4, year);
    consume(rest, " ");
  }
  const auto clock = take_clock(rest);
  if (!clock) return std::nullopt;
  if (year == 0 && rest.size() >= 5 && rest[0] == ' ' && leading_digits(rest.substr(1)) == 4) {
    rest.remove_prefix(1);
    take_digits(rest, 4, year);
  }
  text = rest;
  return year == 0 ? 0 : date_ns(year, month, day) + *clock;
}

// `22/Nov/2026:20:01:01 +0000` of access logs.
std::optional<std::int64_t> take_access(std::string_view& text) {
  std::string_view rest = text;
  unsigned day = 0;
  unsigned year = 0;
  if (!take_digits(rest, 2, day) || rest.empty() || (rest[0] != '/' && rest[0] != '-')) return std::nullopt;
  rest.remove_prefix(1);
  const unsigned month = take_month(rest);
  if (month == 0 || rest.empty()) return std::nullopt;
  rest.remove_prefix(1);
  if (!take_digits(rest, 4, year) || rest.empty()) return std::nullopt;
  rest.remove_prefix(1);
  const auto clock = take_clock(rest);
  if (!clock) return std::nullopt;
  const std::int64_t zone = take_zone(rest);
  text = rest;
  return date_ns(year, month, day) + *clock - zone;
}

// klog: a letter for the level, then month and day in one word.
std::optional<std::int64_t> take_klog(std::string_view& text) {
  std::string_view rest = text;
  unsigned date = 0;
  if (rest.size() < 6 || !std::string_view("IWEF").contains(rest[0])) return std::nullopt;
  rest.remove_prefix(1);
  if (!take_digits(rest, 4, date) || !consume(rest, " ") || !take_clock(rest)) return std::nullopt;
  text = rest;
  return 0;
}

std::optional<std::int64_t> take_epoch(std::string_view& text) {
  const std::size_t width = leading_digits(text);
  if (width != 10 && width != 13 && width != 16 && width != 19) return std::nullopt;
  if (text[0] != '1' && text[0] != '2') return std::nullopt;
  std::string_view rest = text;
  const auto value = consume_decimal(rest);
  if (!value) return std::nullopt;
  std::uint64_t ns = *value;
  for (std::size_t i = width; i < 19; i += 3) ns *= 1000;
  if (ns > INT64_MAX) return std::nullopt;
  if (rest.size() > 1 && rest[0] == '.' && is_digit(rest[1])) {
    rest.remove_prefix(1);
    std::uint64_t unit = width == 10 ? 100'000'000 : width == 13 ? 100'000 : 0;
    for (; !rest.empty() && is_digit(rest[0]); unit /= 10) {
      ns += unit * static_cast<std::uint64_t>(rest[0] - '0');
      rest.remove_prefix(1);
    }
  }
  if (!rest.empty() && (rest[0] == ':' || rest[0] == '-')) return std::nullopt;
  text = rest;
  return static_cast<std::int64_t>(ns);
}

// The common forms: those that package log and RFC 3339 know, also with a comma before the fraction.
std::optional<std::int64_t> take_iso(std::string_view& text) {
  const auto time = traceback::timestamp(text);
  if (!time) return std::nullopt;
  std::string_view rest = text.substr(std::min<std::size_t>(text.size(), 19));
  std::int64_t fraction = 0;
  const bool comma = rest.starts_with(',');
  if (rest.size() > 1 && (rest[0] == '.' || comma) && is_digit(rest[1])) {
    rest.remove_prefix(1);
    for (std::int64_t unit = 100'000'000; !rest.empty() && is_digit(rest[0]); unit /= 10) {
      fraction += comma ? unit * (rest[0] - '0') : 0;
      rest.remove_prefix(1);
    }
  }
  const bool zone_seen = rest.starts_with('+') || rest.starts_with('-');
  const std::int64_t zone = take_zone(rest);
  text = rest;
  return *time + fraction - (zone_seen && !comma ? 0 : zone);
}

}  // namespace

std::optional<std::int64_t> take_time(std::string_view& text) {
  if (text.size() < 8) return std::nullopt;
  const char c = text[0];
  if (c == 'I' || c == 'W' || c == 'E' || c == 'F') {
    if (const auto time = take_klog(text)) return time;
  }
  if (c >= 'A' && c <= 'Z') return take_syslog(text);
  if (!is_digit(c)) return std::nullopt;
  if (text[2] == ':') return take_clock(text).transform([](std::int64_t) { return std::int64_t{0}; });
  if (text[2] == '/' || text[2] == '-') return take_access(text);
  if (text[4] == '-' || text[4] == '/') return take_iso(text);
  return take_epoch(text);
}

std::optional<std::int64_t> whole_time(std::string_view text) {
  std::string_view rest = trim(text);
  const auto time = take_time(rest);
  return rest.empty() ? time : std::nullopt;
}

}  // namespace gopsy::decode::log
