#include "base/text.h"

#include <charconv>
#include <cstring>

namespace gopsy {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

// Length of the well-formed UTF-8 sequence at the front of `text`, 0 if there is none (RFC 3629 table:
// no overlong forms, no surrogates, nothing above U+10FFFF).
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return 1;
  const auto follows = [&](std::size_t i, unsigned char low = 0x80, unsigned char high = 0xBF) {
    return i < text.size() && byte(i) >= low && byte(i) <= high;
  };
  if (lead >= 0xC2 && lead <= 0xDF) return follows(1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    const unsigned char low = lead == 0xE0 ? 0xA0 : 0x80;
    const unsigned char high = lead == 0xED ? 0x9F : 0xBF;
    return follows(1, low, high) && follows(2) ? 3 : 0;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    const unsigned char low = lead == 0xF0 ? 0x90 : 0x80;
    const unsigned char high = lead == 0xF4 ? 0x8F : 0xBF;
    return follows(1, low, high) && follows(2) && follows(3) ? 4 : 0;
  }
  return 0;
}

// U+FFFE, U+FFFF (not XML characters) and C1 controls are well-formed UTF-8 that no output should carry.
bool displayable(std::string_view sequence) {
  const auto lead = static_cast<unsigned char>(sequence[0]);
  if (lead < 0x20) return lead == '\t' || lead == '\n';
  if (sequence.size() == 1) return lead != 0x7F;
  if (lead == 0xC2) return static_cast<unsigned char>(sequence[1]) >= 0xA0;
  return sequence != "\xEF\xBF\xBE" && sequence != "\xEF\xBF\xBF";
}

template <class Number>
std::optional<Number> consume_number(std::string_view& text, int base) {
  Number value{};
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (code != std::errc{}) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

}  // namespace

bool LineReader::next() {
  if (rest_.empty()) return false;
  ++number_;
  const auto* end = static_cast<const char*>(std::memchr(rest_.data(), '\n', rest_.size()));
  complete_ = end != nullptr;
  const std::size_t length = complete_ ? static_cast<std::size_t>(end - rest_.data()) : rest_.size();
  line_ = rest_.substr(0, length);
  rest_.remove_prefix(complete_ ? length + 1 : length);
  if (line_.ends_with('\r')) line_.remove_suffix(1);
  return true;
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const auto first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

bool consume(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

std::optional<std::string_view> consume_until(std::string_view& text, std::string_view separator) {
  const auto at = text.find(separator);
  if (at == std::string_view::npos) return std::nullopt;
  const auto before = text.substr(0, at);
  text.remove_prefix(at + separator.size());
  return before;
}

std::optional<std::uint64_t> consume_decimal(std::string_view& text) { return consume_number<std::uint64_t>(text, 10); }

std::optional<std::uint64_t> consume_hex(std::string_view& text) {
  std::string_view digits = text;
  consume(digits, "0x");
  const auto value = consume_number<std::uint64_t>(digits, 16);
  if (value) text = digits;
  return value;
}

std::optional<std::uint64_t> parse_decimal(std::string_view text) {
  const auto value = consume_decimal(text);
  return text.empty() ? value : std::nullopt;
}

std::optional<std::int64_t> parse_signed(std::string_view text) {
  const auto value = consume_number<std::int64_t>(text, 10);
  return text.empty() ? value : std::nullopt;
}

std::optional<std::uint64_t> parse_hex(std::string_view text) {
  const auto value = consume_hex(text);
  return text.empty() ? value : std::nullopt;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const auto at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

std::string join(const std::vector<std::string>& parts, std::string_view separator) {
  std::string out;
  for (const auto& part : parts) {
    if (!out.empty()) out += separator;
    out += part;
  }
  return out;
}

std::string shorten(std::string_view text, std::size_t most) {
  if (text.size() <= most) return std::string(text);
  std::size_t cut = most;
  while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xC0) == 0x80) --cut;
  return std::string(text.substr(0, cut)) + "…";
}

std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    const bool keep = length != 0 && displayable(text.substr(0, length));
    out += keep ? text.substr(0, length) : kReplacement;
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return out;
}

}  // namespace gopsy
