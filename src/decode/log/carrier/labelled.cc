#include <algorithm>

#include "base/text.h"
#include "decode/log/carrier/carrier.h"

namespace gopsy::decode::log {
namespace {

bool is_name(std::string_view word) {
  return !word.empty() && std::ranges::all_of(word, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.' || c == '/' || c == '@';
  });
}

}  // namespace

// `[pod/web-1/app] text` of `kubectl logs --prefix`, `web-1  | text` of docker compose. The label is the process.
bool undo_labelled(const Line& line, const Emit& emit) {
  std::string_view rest = line.text;
  Line out = line;
  std::string_view label;
  if (consume(rest, "[pod/")) {
    const auto end = rest.find(']');
    if (end == std::string_view::npos) return false;
    label = rest.substr(0, end);
    if (!is_name(label)) return false;
    rest.remove_prefix(end + 1);
    if (!rest.empty() && !consume(rest, " ")) return false;
  } else {
    // Short words only: a table or a pipe in a command line has other things on its left.
    const auto bar = rest.substr(0, 64).find('|');
    if (bar == std::string_view::npos || bar < 2 || rest[bar - 1] != ' ') return false;
    label = trim(rest.substr(0, bar));
    if (!is_name(label)) return false;
    rest.remove_prefix(bar + 1);
    if (!rest.empty() && !consume(rest, " ")) return false;
  }
  out.process = mixed(line.process, label);
  out.text = rest;
  emit(out);
  return true;
}

}  // namespace gopsy::decode::log
