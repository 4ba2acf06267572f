#include "render/trace/stack_words.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/format.h"
#include "base/units.h"
#include "render/words.h"

namespace gopsy::render {
namespace {

// The library's insides say little: internal/poll.(*FD).Read stands in net.(*conn).Read.
bool is_inside(std::string_view function) {
  return model::package_of(function).starts_with("internal/") || function.starts_with("sync.runtime_") ||
         function.starts_with("net.(*netFD).");
}

}  // namespace

std::string TraceStackWords::text(StringId name) const { return printable_line(symbols_.text(name)); }

std::string TraceStackWords::function(std::uint32_t place) const {
  return printable_line(model::short_function(symbols_.text(symbols_.frame(stacks_.places[place].frame).function)));
}

std::string TraceStackWords::frame(std::uint32_t place) const {
  const model::Frame& frame = symbols_.frame(stacks_.places[place].frame);
  std::string_view file = symbols_.text(frame.file);
  file.remove_prefix(file.rfind('/') + 1);
  std::string words = function(place);
  if (!file.empty()) words += fmt::format(" {}:{}", printable_line(file), frame.line);
  return words;
}

std::string TraceStackWords::place(std::uint32_t stack) const {
  if (stack == model::TraceStacks::kLost) return "(stack lost)";
  const auto places = stacks_.stack(stack);
  if (places.empty()) return "(no stack)";
  const auto name = [&](std::size_t i) {
    return symbols_.text(symbols_.frame(stacks_.places[places[i]].frame).function);
  };
  const auto origin = [&](std::size_t i) {
    return symbols_.origin(symbols_.frame(stacks_.places[places[i]].frame).function);
  };
  std::size_t own = 0;
  while (own < places.size() && (origin(own) & model::Origin::StandardLibrary) != 0) ++own;
  std::size_t outer = 0;  // the innermost frame that tells what the library does
  while (outer < places.size() && ((origin(outer) & model::Origin::Runtime) != 0 || is_inside(name(outer)))) ++outer;
  if (own < places.size())
    return own == outer || outer > own ? frame(places[own])
                                       : fmt::format("{} ({})", frame(places[own]), function(places[outer]));
  if (outer == places.size()) return frame(places[0]);
  const std::size_t last = places.size() - 1;
  return last == outer ? frame(places[outer]) : fmt::format("{} ← {}", frame(places[outer]), function(places[last]));
}

void TraceStackWords::add_json(JsonWriter& json, std::string_view key, std::uint32_t stack) const {
  json.key(key);
  json.begin_array();
  for (const std::uint32_t place : stacks_.stack(stack)) {
    const model::Frame& frame = symbols_.frame(stacks_.places[place].frame);
    json.begin_object();
    json.member("function", symbols_.text(frame.function));
    json.member("file", symbols_.text(frame.file));
    json.member("line", frame.line);
    json.end_object();
  }
  json.end_array();
}

std::string trace_moment(std::int64_t ns, std::int64_t first_ns) {
  std::int64_t since = 0;
  if (__builtin_sub_overflow(ns, first_ns, &since)) since = INT64_MAX;
  return fmt::format("+{}.{:06} s", since / 1'000'000'000, std::max<std::int64_t>(since, 0) % 1'000'000'000 / 1000);
}

std::string words_of_states(const model::TraceStates& states, std::size_t most) {
  std::array<std::pair<std::int64_t, std::string_view>, 5> parts{{{states.running_ns, "running"},
                                                                  {states.runnable_ns, "waiting for a processor"},
                                                                  {states.syscall_ns, "in system calls"},
                                                                  {states.waiting_ns, "blocked"},
                                                                  {states.unknown_ns, "unknown"}}};
  std::ranges::stable_sort(parts, [](const auto& a, const auto& b) { return a.first > b.first; });
  std::string words;
  for (const auto& [ns, what] : parts) {
    if (ns <= 0 || most-- == 0) break;
    words += fmt::format("{}{} {}", words.empty() ? "" : ", ", human_duration(ns), what);
  }
  return words;
}

}  // namespace gopsy::render
