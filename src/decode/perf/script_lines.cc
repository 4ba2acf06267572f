#include "decode/perf/script_lines.h"

#include <algorithm>
#include <array>
#include <span>

#include "base/text.h"

namespace gopsy::decode {
namespace {

// No event line has more words before its event: comm (15 bytes), pid, cpu, flags, time, period.
constexpr std::size_t kMostWords = 24;

struct Words {
  std::array<std::string_view, kMostWords> all;
  std::size_t count = 0;

  explicit Words(std::string_view line) {
    while (count < kMostWords) {
      line.remove_prefix(std::min(line.size(), line.find_first_not_of(" \t")));
      if (line.empty()) break;
      const std::string_view word = line.substr(0, std::min(line.size(), line.find_first_of(" \t")));
      all[count++] = word;
      line.remove_prefix(word.size());
    }
  }
};

// "3142.056116:", as nanoseconds.
std::optional<std::int64_t> parse_time(std::string_view word) {
  if (!word.ends_with(':')) return std::nullopt;
  word.remove_suffix(1);
  const auto dot = word.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  const auto seconds = parse_decimal(word.substr(0, dot));
  std::string_view digits = word.substr(dot + 1);
  const auto fraction = parse_decimal(digits);
  constexpr std::uint64_t kMostSeconds = 9'000'000'000;
  if (!seconds || !fraction || *seconds > kMostSeconds || digits.size() > 9) return std::nullopt;
  std::uint64_t nanoseconds = *fraction;
  for (std::size_t i = digits.size(); i < 9; ++i) nanoseconds *= 10;
  return static_cast<std::int64_t>(*seconds * 1'000'000'000 + nanoseconds);
}

// "42" is a thread, "41/42" a process and its thread; idle ones are -1.
bool parse_ids(std::string_view word, ScriptEvent& event) {
  const auto slash = word.find('/');
  const auto tid = parse_signed(slash == std::string_view::npos ? word : word.substr(slash + 1));
  const auto pid =
      slash == std::string_view::npos ? std::optional<std::int64_t>(-1) : parse_signed(word.substr(0, slash));
  if (!tid || !pid) return false;
  event.tid = *tid;
  event.pid = *pid;
  return true;
}

bool is_cpu(std::string_view word) {
  return consume(word, "[") && word.ends_with(']') && parse_decimal(word.substr(0, word.size() - 1)).has_value();
}

std::string_view between(std::string_view line, std::string_view first, std::string_view last) {
  const auto from = static_cast<std::size_t>(first.data() - line.data());
  const auto to = static_cast<std::size_t>(last.data() - line.data());
  return trim(line.substr(from, to - from));
}

// What stands before the time: the comm, which may hold blanks and numbers, then ids, then perhaps CPU and flags.
void parse_thread(std::string_view line, std::span<const std::string_view> words, ScriptEvent& event) {
  const std::size_t far = words.size() > 3 ? words.size() - 3 : 0;
  for (std::size_t i = words.size(); i-- > far;) {
    if (is_cpu(words[i]) || !parse_ids(words[i], event)) continue;
    if (i > 0) event.comm = between(line, words[0], words[i]);
    return;
  }
  if (!words.empty())
    event.comm =
        trim(line.substr(0, static_cast<std::size_t>(words.back().data() - line.data()) + words.back().size()));
}

// "1001001 cpu-clock:ppp:" or "sched:sched_switch:" from `words[at]` on.
bool parse_name(std::string_view line, const Words& words, std::size_t at, ScriptEvent& event) {
  if (at < words.count)
    if (const auto period = parse_decimal(words.all[at])) {
      event.period = *period;
      ++at;
    }
  if (at >= words.count || !words.all[at].ends_with(':') || words.all[at].size() < 2) return false;
  event.event = words.all[at].substr(0, words.all[at].size() - 1);
  const auto end = static_cast<std::size_t>(words.all[at].data() - line.data()) + words.all[at].size();
  event.rest = line.substr(end);
  return !parse_decimal(event.event);
}

}  // namespace

std::optional<ScriptEvent> parse_script_event(std::string_view line) {
  const Words words(line);
  const std::span<const std::string_view> all(words.all.data(), words.count);
  for (std::size_t i = 0; i < words.count; ++i) {
    ScriptEvent event;
    event.time_ns = parse_time(words.all[i]);
    if (!event.time_ns || !parse_name(line, words, i + 1, event)) continue;
    parse_thread(line, all.first(i), event);
    return event;
  }
  // Without a time the first number behind the comm is the thread.
  for (std::size_t i = 0; i < words.count; ++i) {
    ScriptEvent event;
    if (!parse_ids(words.all[i], event)) continue;
    const std::size_t next = i + 1 < words.count && is_cpu(words.all[i + 1]) ? i + 2 : i + 1;
    if (!parse_name(line, words, next, event)) continue;
    if (i > 0) event.comm = between(line, words.all[0], words.all[i]);
    return event;
  }
  return std::nullopt;
}

std::optional<ScriptFrame> parse_script_frame(std::string_view line) {
  line = trim(line);
  ScriptFrame frame;
  const auto address = consume_hex(line);
  if (!address || line.empty() || (line[0] != ' ' && line[0] != '\t')) return std::nullopt;
  frame.address = *address;
  line = trim(line);
  if (line.ends_with(')')) {
    // "(/memfd:jit (deleted))" has a blank and a parenthesis inside.
    const std::size_t within = line.ends_with(" (deleted))") ? line.size() - 10 : line.size();
    auto open = line.substr(0, within).rfind(" (");
    if (line.starts_with('(')) open = open == std::string_view::npos ? 0 : open;
    if (open != std::string_view::npos) {
      std::string_view dso = trim(line.substr(open));
      dso = dso.substr(1, dso.size() - 2);
      frame.dso = dso;
      line = trim(line.substr(0, open));
    }
  }
  frame.inlined = frame.dso == "inlined";
  if (frame.inlined || frame.dso == "[unknown]") frame.dso = {};
  if (const auto plus = line.rfind("+0x");
      plus != std::string_view::npos && plus != 0 && parse_hex(line.substr(plus + 3)))
    line = line.substr(0, plus);
  if (line != "[unknown]") frame.symbol = line;
  return frame;
}

std::optional<ScriptPlace> parse_script_place(std::string_view line) {
  line = trim(line);
  const auto colon = line.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  const auto number = parse_decimal(line.substr(colon + 1));
  if (!number || *number > INT32_MAX) return std::nullopt;
  return ScriptPlace{.file = line.substr(0, colon), .line = static_cast<std::int64_t>(*number)};
}

}  // namespace gopsy::decode
