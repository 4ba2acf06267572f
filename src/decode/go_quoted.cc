#include "decode/go_quoted.h"

#include <charconv>
#include <cstdint>

#include "base/text.h"

namespace gopsy::decode {
namespace {

void append_utf8(std::string& out, std::uint32_t code) {
  const auto byte = [&out](std::uint32_t bits) { out += static_cast<char>(bits); };
  const auto follow = [&byte](std::uint32_t bits) { byte(0x80U | (bits & 0x3FU)); };
  if (code < 0x80) return byte(code);
  if (code < 0x800) {
    byte(0xC0U | code >> 6U);
    return follow(code);
  }
  if (code < 0x10000) {
    byte(0xE0U | code >> 12U);
    follow(code >> 6U);
    return follow(code);
  }
  byte(0xF0U | code >> 18U);
  follow(code >> 12U);
  follow(code >> 6U);
  follow(code);
}

// `\xNN` is a byte, `\uNNNN` and `\UNNNNNNNN` are characters. False if the digits are not there.
bool consume_number(std::string_view& text, char kind, std::string& out) {
  const std::size_t width = kind == 'x' ? 2 : kind == 'u' ? 4 : 8;
  std::uint32_t code = 0;
  if (text.size() < width) return false;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + width, code, 16);
  if (failed != std::errc{} || end != text.data() + width || code > 0x10FFFF) return false;
  text.remove_prefix(width);
  if (kind == 'x') {
    out += static_cast<char>(code);
  } else {
    append_utf8(out, code);
  }
  return true;
}

void consume_escape(std::string_view& text, std::string& out) {
  constexpr std::string_view kNames = "abfnrtv";
  constexpr std::string_view kMeanings = "\a\b\f\n\r\t\v";
  const char escape = text[0];
  text.remove_prefix(1);
  if (const auto at = kNames.find(escape); at != std::string_view::npos) {
    out += kMeanings[at];
  } else if ((escape == 'x' || escape == 'u' || escape == 'U') && !consume_number(text, escape, out)) {
    (out += '\\') += escape;
  } else if (escape != 'x' && escape != 'u' && escape != 'U') {
    out += escape;
  }
}

}  // namespace

std::optional<std::string> consume_quoted(std::string_view& text) {
  std::string_view rest = text;
  if (!consume(rest, "\"")) return std::nullopt;
  std::string out;
  while (!rest.empty()) {
    const char c = rest[0];
    rest.remove_prefix(1);
    if (c == '"') {
      text = rest;
      return out;
    }
    if (c != '\\') {
      out += c;
    } else if (!rest.empty()) {
      consume_escape(rest, out);
    }
  }
  return std::nullopt;
}

}  // namespace gopsy::decode
