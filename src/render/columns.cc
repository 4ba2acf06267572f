#include "render/columns.h"

#include <algorithm>

#include "base/format.h"
#include "base/text.h"

namespace gopsy::render {
namespace {

bool starts_code_point(char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }

// The last `width` columns, the first of them a "…" where there were more.
std::string cut_front(std::string_view text, std::size_t width) {
  const std::size_t all = columns(text);
  if (all <= width) return std::string(text);
  if (width == 0) return {};
  std::size_t skip = all - width + 1;
  std::size_t at = 0;
  while (at < text.size() && skip > 0) {
    do {
      ++at;
    } while (at < text.size() && !starts_code_point(text[at]));
    --skip;
  }
  return "…" + std::string(text.substr(at));
}

}  // namespace

std::string paint(const Style& style, std::string_view code, std::string_view text) {
  return style.color ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : std::string(text);
}

std::size_t columns(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, starts_code_point));
}

std::string fit_left(std::string_view text, std::size_t width) {
  std::string fitted = cut_front(text, width);
  fitted.append(width - columns(fitted), ' ');
  return fitted;
}

std::string fit_right(std::string_view text, std::size_t width) {
  std::string fitted = cut_front(text, width);
  fitted.insert(0, width - columns(fitted), ' ');
  return fitted;
}

void wrap(std::string& out, std::string_view text, std::size_t indent, std::size_t start, std::size_t width) {
  std::size_t column = start;
  bool first = true;
  for (const std::string_view word : split(text, ' ')) {
    if (!first && column + 1 + columns(word) > width) {
      out += '\n';
      out.append(indent, ' ');
      column = indent;
    } else if (!first) {
      out += ' ';
      ++column;
    }
    out += word;
    column += columns(word);
    first = false;
  }
  out += '\n';
}

}  // namespace gopsy::render
