#include <algorithm>
#include <array>

#include "base/text.h"
#include "decode/log/carrier/carrier.h"
#include "decode/log/carrier/fields.h"

namespace gopsy::decode::log {
namespace {

using namespace std::string_view_literals;

bool begins_like_logfmt(std::string_view text) {
  constexpr std::array kFirst{"time="sv, "ts="sv,  "t="sv,        "timestamp="sv, "level="sv,
                              "lvl="sv,  "msg="sv, "severity="sv, "caller="sv};
  return std::ranges::any_of(kFirst, [text](std::string_view first) { return text.starts_with(first); });
}

// From behind the opening quote to the closing one, as strconv.Quote writes it.
std::size_t closing_quote(std::string_view text) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '\\')
      ++at;
    else if (text[at] == '"')
      return at;
  }
  return text.size();
}

}  // namespace

// `time=… level=ERROR msg="goroutine 1 [running]:"` of slog's and logrus' text handlers and of go-kit; the stack may
// stand in a field of its own.
bool undo_logfmt(const Line& line, const Emit& emit) {
  std::string_view rest = line.text;
  if (!begins_like_logfmt(rest)) return false;
  Fields fields;
  while (!rest.empty()) {
    const std::size_t name_end = std::min(rest.find_first_of("= "), rest.size());
    const std::string_view key = rest.substr(0, name_end);
    rest.remove_prefix(name_end);
    if (!consume(rest, "=")) {
      if (!consume(rest, " ")) break;
      continue;
    }
    if (consume(rest, "\"")) {
      const std::size_t end = closing_quote(rest);
      fields.add(key, rest.substr(0, end), true);
      rest.remove_prefix(std::min(end + 1, rest.size()));
    } else {
      const std::size_t end = std::min(rest.find(' '), rest.size());
      fields.add(key, rest.substr(0, end), true);
      rest.remove_prefix(end);
    }
    consume(rest, " ");
  }
  if (!fields.has_text()) return false;
  fields.emit(line, line.text, emit);
  return true;
}

}  // namespace gopsy::decode::log
