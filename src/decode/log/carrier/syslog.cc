#include <algorithm>

#include "base/text.h"
#include "decode/log/carrier/carrier.h"
#include "decode/log/clock.h"

namespace gopsy::decode::log {
namespace {

// Host names, units and container names; no blank, and a bracket only where the pid begins.
std::string_view take_word(std::string_view& text) {
  const std::size_t end = std::min(text.find(' '), text.size());
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(end);
  return word;
}

// `unit[pid]:` or `unit:` with what follows. A tag without a pid must not look like words of a sentence.
bool take_tag(std::string_view& text, std::string_view& tag) {
  std::string_view rest = text;
  tag = take_word(rest);
  if (tag.size() < 2 || !tag.ends_with(':') || (!rest.empty() && !consume(rest, " "))) return false;
  tag.remove_suffix(1);
  if (tag.find_first_of("\"'={}()<>,;") != std::string_view::npos) return false;
  text = rest;
  return true;
}

bool has_pid(std::string_view tag) {
  const auto open = tag.find('[');
  return open != std::string_view::npos && open > 0 && tag.ends_with(']');
}

// RFC 5424 behind its priority: `1 TIME HOST APP PROCID MSGID SD MSG`.
bool undo_5424(const Line& line, std::string_view rest, const Emit& emit) {
  Line out = line;
  if (!consume(rest, "1 ")) return false;
  if (!consume(rest, "-")) {
    const auto time = take_time(rest);
    if (!time) return false;
    out.time_ns = *time;
  }
  for (int field = 0; field < 4; ++field) {
    if (!consume(rest, " ")) return false;
    const std::string_view word = take_word(rest);
    if (word.empty()) return false;
    if (field < 3) out.process = mixed(out.process, word);
  }
  if (!consume(rest, " ")) return false;
  if (!consume(rest, "-")) {
    // Structured data: elements in brackets, values in quotes that may hold anything.
    while (consume(rest, "[")) {
      bool quoted = false;
      std::size_t at = 0;
      for (; at < rest.size() && (quoted || rest[at] != ']'); ++at) {
        if (rest[at] == '\\')
          ++at;
        else if (rest[at] == '"')
          quoted = !quoted;
      }
      if (at >= rest.size()) return false;
      rest.remove_prefix(at + 1);
    }
  }
  consume(rest, " ");
  consume(rest, "\xEF\xBB\xBF");
  out.text = rest;
  emit(out);
  return true;
}

}  // namespace

// journald's short forms, files of rsyslog and syslog-ng, RFC 5424, and what speaks like them (Heroku, docker with the
// syslog driver): `[<PRI>]TIME [HOST] TAG[PID]: text`. Host, tag and pid tell the processes apart.
bool undo_syslog(const Line& line, const Emit& emit) {
  std::string_view rest = line.text;
  const bool priority = consume(rest, "<") && consume_decimal(rest) && consume(rest, ">");
  if (priority && undo_5424(line, rest, emit)) return true;
  if (!priority) rest = line.text;
  std::string_view after = rest;
  const auto time = take_time(after);
  if (!time || !consume(after, " ")) return false;
  Line out = line;
  out.time_ns = *time;
  std::string_view tag;
  std::string_view with_host = after;
  const bool syslog_time = rest[0] >= 'A' && rest[0] <= 'Z';
  const std::string_view host = take_word(with_host);
  if (host.empty()) return false;
  // Only a time of syslog itself makes a tag without a pid believable.
  if (consume(with_host, " ") && !host.ends_with(':') && take_tag(with_host, tag) &&
      (has_pid(tag) || (syslog_time && (priority || !tag.contains('/'))))) {
    out.process = mixed(mixed(line.process, host), tag);
    out.text = with_host;
  } else if (take_tag(after, tag) && has_pid(tag)) {
    out.process = mixed(line.process, tag);
    out.text = after;
  } else {
    return false;
  }
  emit(out);
  return true;
}

}  // namespace gopsy::decode::log
