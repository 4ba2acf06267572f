#include "render/trace/trace_words.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/format.h"
#include "base/units.h"
#include "render/words.h"

namespace gopsy::render {

using model::TraceTimes;

std::string share_of(std::int64_t part, std::int64_t whole) {
  return whole <= 0 ? "" : percent(static_cast<double>(part) / static_cast<double>(whole));
}

std::string moment(const TraceTimes& times, std::int64_t ns) {
  // What is shown begins at first_ns, which lies from_ns after the trace's beginning.
  std::int64_t since = 0;
  if (__builtin_sub_overflow(ns, times.first_ns, &since) ||
      __builtin_add_overflow(since, times.range ? times.from_ns : 0, &since))
    since = INT64_MAX;
  return fmt::format("+{:.6f} s", static_cast<double>(since) / 1e9);
}

std::string function_words(const model::Symbols& symbols, StringId function) {
  return function.none() ? "(not told)" : printable_line(symbols.text(function));
}

std::string place_words(const model::TraceFacts& facts, const model::Symbols& symbols, std::uint32_t stack) {
  const auto rows = facts.stacks.stack(stack);
  if (rows.empty()) return stack == model::TraceStacks::kLost ? "(its stack is lost)" : "";
  const auto frame_of = [&](std::uint32_t row) -> const model::Frame& {
    return symbols.frame(facts.stacks.places[row].frame);
  };
  auto place = std::ranges::find_if(
      rows, [&](std::uint32_t row) { return (symbols.origin(frame_of(row).function) & model::Origin::Runtime) == 0; });
  if (place == rows.end()) place = rows.begin();
  const model::Frame& frame = frame_of(*place);
  const std::string_view file = symbols.text(frame.file);
  const std::string_view name = file.substr(file.find_last_of("/\\") + 1);
  std::string words = function_words(symbols, frame.function);
  if (!name.empty()) words += fmt::format(" {}:{}", printable_line(name), frame.line);
  return words;
}

std::string blocked_words(const TraceTimes& times, const std::vector<model::TraceBlockedOn>& blocked,
                          std::size_t most) {
  std::int64_t whole = 0;
  for (const model::TraceBlockedOn& on : blocked)
    whole = whole > INT64_MAX - on.total_ns ? INT64_MAX : whole + on.total_ns;
  std::string words;
  for (const model::TraceBlockedOn& on : blocked) {
    if (most-- == 0 || (!words.empty() && on.total_ns < whole / 100)) break;
    const std::string& name = times.blocked[on.reason].name;
    if (!words.empty()) words += ", ";
    words +=
        fmt::format("{} {}", name.empty() ? "(no reason given)" : printable_line(name), share_of(on.total_ns, whole));
  }
  return words;
}

std::string range_words(const TraceTimes& times) {
  if (!times.range) return "";
  return fmt::format("  only from {} to {} after its beginning: {}\n", human_duration(times.from_ns),
                     human_duration(times.to_ns), human_duration(times.wall_ns));
}

void add_json_states(JsonWriter& json, const model::TraceStates& states) {
  json.member("running_ns", states.running_ns);
  json.member("runnable_ns", states.runnable_ns);
  json.member("syscall_ns", states.syscall_ns);
  json.member("waiting_ns", states.waiting_ns);
  json.member("unknown_ns", states.unknown_ns);
}

void add_json_spent(JsonWriter& json, const model::TraceSpent& spent) {
  json.member("syscall_blocked_ns", spent.syscall_blocked_ns);
  json.member("assist_ns", spent.assist_ns);
  json.member("sweep_ns", spent.sweep_ns);
  json.member("stopping_ns", spent.stopping_ns);
  json.member("in_mark_ns", spent.in_mark_ns);
  json.member("in_stop_ns", spent.in_stop_ns);
  json.member("runs", spent.runs);
  json.member("waits", spent.waits);
  json.member("syscalls", spent.syscalls);
  json.member("syscalls_blocked", spent.syscalls_blocked);
  json.member("assists", spent.assists);
  json.member("sweeps", spent.sweeps);
  json.member("world_stops", spent.stops);
}

void add_json_blocked(JsonWriter& json, const TraceTimes& times, const std::vector<model::TraceBlockedOn>& blocked) {
  json.key("blocked");
  json.begin_array();
  for (const model::TraceBlockedOn& on : blocked) {
    json.begin_object();
    json.member("name", times.blocked[on.reason].name);
    json.member("count", on.count);
    json.member("total_ns", on.total_ns);
    json.end_object();
  }
  json.end_array();
}

void add_json_latency(JsonWriter& json, std::string_view name, const model::TraceLatency& latency) {
  json.key(name);
  json.begin_object();
  json.member("count", latency.count);
  json.member("total_ns", latency.total_ns);
  json.member("p50_ns", latency.p50_ns);
  json.member("p99_ns", latency.p99_ns);
  json.member("longest_ns", latency.longest_ns);
  json.end_object();
}

void add_json_range(JsonWriter& json, const TraceTimes& times) {
  json.key("range");
  if (!times.range) return json.null();
  json.begin_object();
  json.member("from_ns", times.from_ns);
  json.member("to_ns", times.to_ns);
  json.end_object();
}

void add_json_stack(JsonWriter& json, std::string_view name, const model::TraceFacts& facts,
                    const model::Symbols& symbols, std::uint32_t stack) {
  json.key(name);
  json.begin_array();
  for (const std::uint32_t row : facts.stacks.stack(stack)) {
    const model::Frame& frame = symbols.frame(facts.stacks.places[row].frame);
    json.value(fmt::format("{} {}:{}", symbols.text(frame.function), symbols.text(frame.file), frame.line));
  }
  json.end_array();
}

std::string sparkline(const std::vector<double>& values, std::size_t width, double top, bool largest) {
  constexpr std::array<std::string_view, 8> kSteps{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  if (values.empty() || width == 0) return "";
  const std::size_t columns = std::min(width, values.size());
  std::vector<double> heights;
  for (std::size_t i = 0; i < columns; ++i) {
    const std::size_t from = i * values.size() / columns;
    const std::size_t to = std::max(from + 1, (i + 1) * values.size() / columns);
    double height = 0;
    for (std::size_t at = from; at < to; ++at) height = largest ? std::max(height, values[at]) : height + values[at];
    heights.push_back(largest ? height : height / static_cast<double>(to - from));
  }
  if (top <= 0) top = *std::ranges::max_element(heights);
  std::string line;
  for (const double height : heights) {
    const double step = top <= 0 ? 0 : std::clamp(height / top * kSteps.size(), 0.0, double{kSteps.size()} - 1);
    line += height <= 0 ? std::string_view(" ") : kSteps[static_cast<std::size_t>(step)];
  }
  return line;
}

}  // namespace gopsy::render
