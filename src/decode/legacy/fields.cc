#include "decode/legacy/fields.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"

namespace gopsy::decode {
namespace {

constexpr std::string_view kDigits = "0123456789";

// Blanks, then `mark`.
bool consume_mark(std::string_view& text, std::string_view mark) {
  skip_blanks(text);
  return consume(text, mark);
}

// "n: bytes" at the front; the numbers in use may be negative in a difference.
bool consume_pair(std::string_view& text, std::int64_t& count, std::int64_t& bytes, bool is_signed) {
  const auto number = [&](std::int64_t& into) {
    const bool negative = is_signed && consume(text, "-");
    const auto value = consume_number(text);
    if (value) into = negative ? -*value : *value;
    return value.has_value();
  };
  if (!number(count) || !consume(text, ":")) return false;
  skip_blanks(text);
  return number(bytes);
}

std::optional<HeapFields> heap_fields(std::string_view text) {
  HeapFields fields;
  if (!consume_pair(text, fields.in_use_count, fields.in_use_bytes, true)) return std::nullopt;
  if (!consume_mark(text, "[")) return std::nullopt;
  skip_blanks(text);
  if (!consume_pair(text, fields.count, fields.bytes, false)) return std::nullopt;
  if (!consume_mark(text, "]") || !consume_mark(text, "@")) return std::nullopt;
  fields.rest = text;
  return fields;
}

}  // namespace

std::int64_t times(std::int64_t a, std::int64_t b) {
  std::int64_t product = 0;
  if (!__builtin_mul_overflow(a, b, &product)) return product;
  return (a < 0) == (b < 0) ? INT64_MAX : INT64_MIN;
}

std::int64_t whole(double value) {
  constexpr double kLimit = 9223372036854775808.0;
  if (std::isnan(value)) return 0;
  if (value >= kLimit) return INT64_MAX;
  if (value <= -kLimit) return INT64_MIN;
  return static_cast<std::int64_t>(value);
}

std::optional<std::int64_t> consume_number(std::string_view& text) {
  const auto value = consume_decimal(text);
  if (!value || *value > INT64_MAX) return std::nullopt;
  return static_cast<std::int64_t>(*value);
}

void skip_blanks(std::string_view& text) { text.remove_prefix(std::min(text.size(), text.find_first_not_of(" \t"))); }

bool add_addresses(std::string_view text, std::vector<std::uint64_t>& out) {
  constexpr std::string_view kHex = "0123456789abcdef";
  for (auto at = text.find("0x"); at != std::string_view::npos; at = text.find("0x")) {
    text.remove_prefix(at + 2);
    const std::string_view digits = text.substr(0, std::min(text.size(), text.find_first_not_of(kHex)));
    if (digits.empty()) continue;
    const auto address = parse_hex(digits);
    if (!address) return false;
    out.push_back(*address);
    text.remove_prefix(digits.size());
  }
  return true;
}

// Each attempt reads a bounded number of digit runs, so all together are linear in the line.
std::optional<HeapFields> find_heap_fields(std::string_view text) {
  while (!text.empty()) {
    const auto run = text.find_first_of(kDigits);
    if (run == std::string_view::npos) break;
    const bool negative = run > 0 && text[run - 1] == '-';
    if (const auto fields = heap_fields(text.substr(negative ? run - 1 : run))) return fields;
    text.remove_prefix(run);
    text.remove_prefix(std::min(text.size(), text.find_first_not_of(kDigits)));
  }
  return std::nullopt;
}

bool starts_memory_map(std::string_view line) {
  return line.contains("--- Memory map: ---") || line.contains("MAPPED_LIBRARIES:");
}

Scaled unsampled(std::int64_t count, std::int64_t bytes, std::int64_t rate) {
  if (count == 0 || bytes == 0) return {.count = 0, .bytes = 0};
  if (rate <= 1) return {.count = count, .bytes = bytes};
  const auto objects = static_cast<double>(count);
  const auto space = static_cast<double>(bytes);
  const double scale = 1 / (1 - std::exp(-(space / objects) / static_cast<double>(rate)));
  return {.count = whole(objects * scale), .bytes = whole(space * scale)};
}

Result<void> any_kept(const model::Counts& counts) {
  if (counts.read == 0 || counts.kept != 0) return {};
  return std::unexpected(
      Error{.code = Errc::Malformed, .what = "none of the {} samples can be read", .a = counts.read});
}

void add_sample(model::Profile& profile, std::span<const std::uint32_t> stack,
                std::initializer_list<std::int64_t> values) {
  profile.stack_locations.append(stack);
  profile.stack_start.push_back(profile.stack_locations.size());
  profile.values.insert(profile.values.end(), values.begin(), values.end());
  profile.label_start.push_back(profile.labels.size());
}

}  // namespace gopsy::decode
