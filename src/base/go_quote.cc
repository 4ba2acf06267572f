#include "base/go_quote.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>

#include "base/format.h"
#include "base/go_unseen_runes.h"

namespace gopsy {
namespace {

bool is_seen(char32_t rune) {
  const auto* const range = std::ranges::lower_bound(kUnseenRunes, rune, {}, &RuneRange::last);
  return range == std::end(kUnseenRunes) || rune < range->first;
}

// The code point at the front of `text` and its bytes; none where it is no UTF-8.
struct Rune {
  char32_t value = 0;
  std::size_t bytes = 0;
};

Rune decode(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char head = byte(0);
  const std::size_t bytes = head < 0x80 ? 1 : head >= 0xF0 ? 4 : head >= 0xE0 ? 3 : 2;
  if (head < 0x80) return {.value = head, .bytes = 1};
  if (head < 0xC2 || head > 0xF4 || text.size() < bytes) return {};
  char32_t value = head & (0xFFU >> (bytes + 1));
  for (std::size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return {};
    value = value << 6 | (byte(i) & 0x3F);
  }
  constexpr std::array<char32_t, 5> kLeast{0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
  if (value < kLeast[bytes] || value > 0x10FFFF || surrogate) return {};
  return {.value = value, .bytes = bytes};
}

void append_rune(std::string& out, const Rune& rune, std::string_view bytes) {
  constexpr std::string_view kEscaped = "\a\b\f\n\r\t\v\"\\";
  constexpr std::string_view kLetters = "abfnrtv\"\\";
  const auto escape = rune.value < 0x80 ? kEscaped.find(static_cast<char>(rune.value)) : std::string_view::npos;
  if (escape != std::string_view::npos) {
    (out += '\\') += kLetters[escape];
  } else if (rune.value < ' ' || rune.value == 0x7F) {
    out += fmt::format("\\x{:02x}", static_cast<unsigned>(rune.value));
  } else if (is_seen(rune.value)) {
    out += bytes;
  } else if (rune.value < 0x10000) {
    out += fmt::format("\\u{:04x}", static_cast<unsigned>(rune.value));
  } else {
    out += fmt::format("\\U{:08x}", static_cast<unsigned>(rune.value));
  }
}

}  // namespace

void append_go_quoted(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    const Rune rune = decode(text);
    if (rune.bytes == 0) {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[0]));
      text.remove_prefix(1);
      continue;
    }
    append_rune(out, rune, text.substr(0, rune.bytes));
    text.remove_prefix(rune.bytes);
  }
  out += '"';
}

}  // namespace gopsy
