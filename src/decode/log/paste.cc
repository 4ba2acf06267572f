#include "decode/log/paste.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "decode/log/line_class.h"

namespace gopsy::decode::log {
namespace {

struct Mark {
  std::string_view is;
  std::string_view means;
};

constexpr std::array kMarks{
    Mark{.is = "&lt;", .means = "<"},        Mark{.is = "&gt;", .means = ">"},     Mark{.is = "&amp;", .means = "&"},
    Mark{.is = "&quot;", .means = "\""},     Mark{.is = "&#34;", .means = "\""},   Mark{.is = "&#39;", .means = "'"},
    Mark{.is = "&apos;", .means = "'"},      Mark{.is = "&#43;", .means = "+"},    Mark{.is = "&#x2B;", .means = "+"},
    Mark{.is = "&#x27;", .means = "'"},      Mark{.is = "&#x2F;", .means = "/"},   Mark{.is = "&#9;", .means = "\t"},
    Mark{.is = "&nbsp;", .means = " "},      Mark{.is = "\xC2\xA0", .means = " "},  // no-break space
    Mark{.is = "\xE2\x80\x8B", .means = ""},                                        // zero width space
    Mark{.is = "\xEF\xBB\xBF", .means = ""},                                        // byte order mark
};

// rsyslog, $EscapeControlCharactersOnReceive.
constexpr std::array kControls{
    Mark{.is = "#011", .means = "\t"},
    Mark{.is = "#012", .means = "\n"},
    Mark{.is = "#015", .means = ""},
};

constexpr std::string_view kFirstBytes = "&\xC2\xE2\xEF#\x1B\r";

// The length of a colour or another terminal sequence at the front: ESC [ parameters letter; rsyslog writes ESC as
// #033.
std::size_t terminal_sequence(std::string_view text) {
  std::size_t at = text.starts_with("#033[") ? 5 : text.starts_with("\x1B[") ? 2 : 0;
  if (at == 0) return text.starts_with("\x1B(") ? std::min<std::size_t>(3, text.size()) : 0;
  while (at < text.size() && (text[at] < '@' || text[at] > '~')) ++at;
  return std::min(at + 1, text.size());
}

template <std::size_t N>
const Mark* mark_at(const std::array<Mark, N>& marks, std::string_view text) {
  const auto found = std::ranges::find_if(marks, [text](const Mark& mark) { return text.starts_with(mark.is); });
  return found == marks.end() ? nullptr : &*found;
}

}  // namespace

std::string_view without_paste_marks(std::string_view text, std::string& scratch, bool inside_carrier) {
  std::size_t at = text.find_first_of(kFirstBytes);
  if (at != std::string_view::npos) {
    scratch.clear();
    while (!text.empty()) {
      at = std::min(text.find_first_of(kFirstBytes), text.size());
      scratch += text.substr(0, at);
      text.remove_prefix(at);
      if (text.empty()) break;
      if (const std::size_t length = terminal_sequence(text); length != 0) {
        text.remove_prefix(length);
        continue;
      }
      const Mark* const mark = text[0] != '#'   ? mark_at(kMarks, text)
                               : inside_carrier ? mark_at(kControls, text)
                                                : nullptr;
      const bool known = mark != nullptr;
      if (known) scratch += mark->means;
      // A carriage return ends the line or is nothing.
      if (!known && text[0] != '\r') scratch += text[0];
      text.remove_prefix(known ? mark->is.size() : 1);
    }
    text = scratch;
  }
  return text;
}

std::string_view without_trailing_blanks(std::string_view text) {
  if (text.empty() || (text.back() != ' ' && text.back() != '\t')) return text;
  const auto last = text.find_last_not_of(" \t");
  if (last == std::string_view::npos) return text;
  const std::string_view trimmed = text.substr(0, last + 1);
  const LineClass kind = classify(trimmed);
  const bool known = kind == LineClass::Goroutine || kind == LineClass::Function || kind == LineClass::Place ||
                     kind == LineClass::Signal;
  return known ? trimmed : text;
}

}  // namespace gopsy::decode::log
