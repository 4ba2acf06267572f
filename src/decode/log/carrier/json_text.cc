#include "decode/log/carrier/json_text.h"

#include <algorithm>
#include <optional>

#include "base/text.h"

namespace gopsy::decode::log {
namespace {

void append_utf8(std::string& out, std::uint32_t point) {
  const auto byte = [&](std::uint32_t bits) { out += static_cast<char>(bits); };
  if (point < 0x80) return byte(point);
  if (point < 0x800) return byte(0xC0 | point >> 6), byte(0x80 | (point & 63));
  if (point < 0x10000) return byte(0xE0 | point >> 12), byte(0x80 | (point >> 6 & 63)), byte(0x80 | (point & 63));
  byte(0xF0 | point >> 18), byte(0x80 | (point >> 12 & 63)), byte(0x80 | (point >> 6 & 63)), byte(0x80 | (point & 63));
}

std::optional<std::uint32_t> four_digits(std::string_view text) {
  if (text.size() < 4 || text.substr(0, 4).find_first_not_of("0123456789abcdefABCDEF") != std::string_view::npos)
    return std::nullopt;
  return static_cast<std::uint32_t>(*parse_hex(text.substr(0, 4)));
}

// What stands behind `\u`; a pair of surrogates is one character.
void append_unicode(std::string& out, std::string_view& text) {
  const auto first = four_digits(text);
  if (!first) {
    out += "\\u";
    return;
  }
  text.remove_prefix(4);
  std::uint32_t point = *first;
  if (point >= 0xD800 && point < 0xDC00 && text.starts_with("\\u")) {
    const auto second = four_digits(text.substr(2));
    if (second && *second >= 0xDC00 && *second < 0xE000) {
      point = 0x10000 + ((point - 0xD800) << 10) + (*second - 0xDC00);
      text.remove_prefix(6);
    }
  }
  append_utf8(out, point >= 0xD800 && point < 0xE000 ? 0xFFFD : point);
}

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

void skip_blanks(std::string_view& text) {
  while (!text.empty() && is_blank(text[0])) text.remove_prefix(1);
}

}  // namespace

// From behind the opening quote to the closing one, both not part of it.
bool JsonWalk::take_string(std::string_view& out) {
  std::size_t at = 0;
  for (;;) {
    at = rest_.find('"', at);
    if (at == std::string_view::npos) {
      out = rest_;
      rest_ = {};
      return false;
    }
    std::size_t backslashes = 0;
    while (backslashes < at && rest_[at - backslashes - 1] == '\\') ++backslashes;
    if (backslashes % 2 == 0) break;
    ++at;
  }
  out = rest_.substr(0, at);
  rest_.remove_prefix(at + 1);
  return true;
}

JsonWalk::Event JsonWalk::value_event() {
  skip_blanks(rest_);
  if (rest_.empty()) return Event::Torn;
  const char c = rest_[0];
  if (c == '{' || c == '[') {
    if (depth_ == kDeepest) return Event::Torn;
    rest_.remove_prefix(1);
    ++depth_;
    const std::uint64_t bit = std::uint64_t{1} << depth_;
    objects_ = c == '{' ? objects_ | bit : objects_ & ~bit;
    return c == '{' ? Event::BeginObject : Event::BeginArray;
  }
  if (c == '"') {
    rest_.remove_prefix(1);
    // A string that is cut is worth as much as a whole one; the walk ends behind it.
    take_string(value_);
    return Event::String;
  }
  const std::size_t end = std::min(rest_.find_first_of(",]} \t\r\n"), rest_.size());
  if (end == 0) return Event::Torn;
  value_ = rest_.substr(0, end);
  rest_.remove_prefix(end);
  return Event::Scalar;
}

JsonWalk::Event JsonWalk::next() {
  if (started_ && depth_ == 0) return Event::End;
  started_ = true;
  key_ = {};
  skip_blanks(rest_);
  if (depth_ > 0) {
    if (consume(rest_, ",")) skip_blanks(rest_);
    if (rest_.empty()) return Event::Torn;
    const bool object = (objects_ >> depth_ & 1) != 0;
    if (rest_[0] == (object ? '}' : ']')) {
      rest_.remove_prefix(1);
      --depth_;
      return object ? Event::EndObject : Event::EndArray;
    }
    if (object) {
      if (!consume(rest_, "\"") || !take_string(key_)) return Event::Torn;
      skip_blanks(rest_);
      if (!consume(rest_, ":")) return Event::Torn;
    }
  }
  return value_event();
}

std::string unescaped(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t plain = std::min(text.find('\\'), text.size());
    out += text.substr(0, plain);
    text.remove_prefix(plain);
    if (text.size() < 2) {
      out += text;
      break;
    }
    const char c = text[1];
    text.remove_prefix(2);
    switch (c) {
      case 'n': out += '\n'; break;
      case 't': out += '\t'; break;
      case 'r': out += '\r'; break;
      case 'b': out += '\b'; break;
      case 'f': out += '\f'; break;
      case '"':
      case '\\':
      case '/': out += c; break;
      case 'u': append_unicode(out, text); break;
      case 'x': {
        // Not JSON, but strconv.Quote writes it.
        const bool digits = text.size() >= 2 && text.substr(0, 2).find_first_not_of("0123456789abcdef") > 1;
        if (digits) {
          out += static_cast<char>(parse_hex(text.substr(0, 2)).value_or('?'));
          text.remove_prefix(2);
        } else {
          out += "\\x";
        }
        break;
      }
      default: (out += '\\') += c;
    }
  }
  return out;
}

}  // namespace gopsy::decode::log
