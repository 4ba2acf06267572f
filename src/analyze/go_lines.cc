#include "analyze/go_lines.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace gopsy::analyze {
namespace {

bool is_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         (static_cast<unsigned char>(c) & 0x80) != 0;
}

bool is_keyword(std::string_view word) {
  constexpr std::array<std::string_view, 32> kWords{
      "break",  "case", "chan", "const",  "continue",  "default", "defer",   "else",  "fallthrough", "for",    "func",
      "go",     "goto", "if",   "import", "interface", "map",     "package", "range", "return",      "select", "struct",
      "switch", "type", "var",  "true",   "false",     "nil",     "make",    "new",   "append",      "len"};
  return std::ranges::find(kWords, word) != kWords.end();
}

// The text left of an assignment of the line's last statement that has one; npos if there is none.
std::size_t assignment(std::string_view code, std::size_t from) {
  for (std::size_t i = from; i < code.size(); ++i) {
    if (code[i] == ';' || code[i] == '{') return std::string_view::npos;
    if (code[i] != '=') continue;
    const char before = i == 0 ? ' ' : code[i - 1];
    const char after = i + 1 < code.size() ? code[i + 1] : ' ';
    if (after == '=' || std::string_view("=!<>").contains(before)) return std::string_view::npos;
    return i;
  }
  return std::string_view::npos;
}

// Skips a balanced `[…]` that begins at `at`.
std::size_t behind_index(std::string_view code, std::size_t at) {
  std::size_t depth = 0;
  for (; at < code.size(); ++at) {
    if (code[at] == '[') ++depth;
    if (code[at] == ']' && --depth == 0) return at + 1;
  }
  return at;
}

bool declares(std::string_view code, std::string_view name) {
  const auto at = find_word(code, name);
  if (!at) return false;
  const std::string_view before = trim(code.substr(0, *at));
  if (before == "var" || before.ends_with(" var") || before.ends_with(";var")) return true;
  const std::string_view rest = code.substr(*at);
  const auto define = rest.find(":=");
  if (define == std::string_view::npos) return false;
  // Between the name and := only other names of the same list.
  return rest.substr(0, define).find_first_of("(){};=.[") == std::string_view::npos;
}

bool is_parameter(std::string_view code, std::string_view name) {
  const auto literal = code.find("func");
  const auto at = find_word(code, name);
  if (literal == std::string_view::npos || !at || *at < literal) return false;
  const auto body = code.find('{', literal);
  return *at < std::min(body, code.size());
}

}  // namespace

std::optional<std::size_t> find_word(std::string_view text, std::string_view word) {
  for (auto at = text.find(word); at != std::string_view::npos && !word.empty(); at = text.find(word, at + 1)) {
    const bool front = at == 0 || (!is_name(text[at - 1]) && text[at - 1] != '.');
    const std::size_t end = at + word.size();
    if (front && (end == text.size() || !is_name(text[end]))) return at;
  }
  return std::nullopt;
}

std::string GoLines::code(std::uint32_t number) const {
  if (number == 0 || number > lines_.size()) return {};
  std::string out = lines_[number - 1];
  char quote = 0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const char c = out[i];
    if (quote != 0) {
      if (c == quote) {
        quote = 0;
      } else {
        if (c == '\\' && quote != '`' && i + 1 < out.size()) out[i++] = ' ';
        out[i] = ' ';
      }
    } else if (c == '"' || c == '\'' || c == '`') {
      quote = c;
    } else if (c == '/' && i + 1 < out.size() && out[i + 1] == '/') {
      out.resize(i);
    }
  }
  return out;
}

std::uint32_t GoLines::function_start(std::uint32_t number) const {
  for (std::uint32_t i = std::min(number, size()); i != 0; --i)
    if (lines_[i - 1].starts_with("func ")) return i;
  return 0;
}

std::uint32_t GoLines::literal_start(std::uint32_t number) const {
  if (code(number).contains("func(")) return number;
  unsigned closed = 0;
  for (std::uint32_t i = std::min(number, size() + 1); i > 1; --i) {
    const std::string text = code(i - 1);
    for (auto c = text.rbegin(); c != text.rend(); ++c) {
      if (*c == '}') ++closed;
      if (*c != '{') continue;
      if (closed != 0) {
        --closed;
      } else if (text.contains("func(")) {
        return i - 1;
      }
    }
    if (lines_[i - 2].starts_with("func ")) return 0;
  }
  return 0;
}

std::uint32_t GoLines::declaration(std::string_view name, std::uint32_t first, std::uint32_t last) const {
  for (std::uint32_t i = std::min(last, size()); i >= first && i != 0; --i) {
    const std::string text = code(i);
    if (declares(text, name) || is_parameter(text, name)) return i;
  }
  return 0;
}

std::uint32_t GoLines::package_variable(std::string_view name) const {
  bool block = false;
  for (std::uint32_t i = 1; i <= size(); ++i) {
    const std::string& line = lines_[i - 1];
    if (line.starts_with("var (")) block = true;
    if (block && line.starts_with(")")) block = false;
    if (!block && !line.starts_with("var ")) continue;
    const std::string text = code(i);
    const auto at = find_word(text, name);
    if (at && text.substr(0, *at).find('=') == std::string::npos) return i;
  }
  return 0;
}

std::vector<Operand> operands_of(std::string_view code) {
  std::vector<Operand> operands;
  for (std::size_t i = 0; i < code.size();) {
    if (!is_name(code[i])) {
      ++i;
      continue;
    }
    const std::size_t start = i;
    while (i < code.size() && (is_name(code[i]) || (code[i] == '.' && i + 1 < code.size() && is_name(code[i + 1]))))
      ++i;
    std::string_view text = code.substr(start, i - start);
    const bool field_of_call = start > 0 && code[start - 1] == '.';
    if ((text[0] >= '0' && text[0] <= '9') || is_keyword(text) || field_of_call) continue;
    // What is called is no operand; what it is called on is.
    if (i < code.size() && code[i] == '(') {
      const auto dot = text.rfind('.');
      if (dot == std::string_view::npos) continue;
      text = text.substr(0, dot);
    }
    Operand operand{.text = std::string(text), .at = start};
    operand.indexed = i < code.size() && code[i] == '[';
    const std::size_t end = operand.indexed ? behind_index(code, i) : i;
    const std::string_view rest = code.substr(end);
    operand.assigned =
        rest.starts_with("++") || rest.starts_with("--") || assignment(code, end) != std::string_view::npos;
    operands.push_back(std::move(operand));
  }
  return operands;
}

}  // namespace gopsy::analyze
