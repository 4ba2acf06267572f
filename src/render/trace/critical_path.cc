#include "render/trace/critical_path.h"

#include <algorithm>
#include <array>

#include "base/format.h"
#include "base/units.h"
#include "render/trace/chains.h"
#include "render/words.h"

namespace gopsy::render {
namespace {

using model::TracePath;
using model::TraceTaskStory;
using model::TraceType;

constexpr std::size_t kRowsShown = 20;
constexpr std::size_t kStepsShown = 40;
constexpr std::size_t kEventsShown = 60;

std::string words_of(TracePath::Kind kind, StringId reason, const TraceStackWords& words) {
  switch (kind) {
    case TracePath::Kind::Running: return "running";
    case TracePath::Kind::Runnable: return "waiting for a processor";
    case TracePath::Kind::Syscall: return "in a system call";
    case TracePath::Kind::Blocked: return fmt::format("blocked {}", words_of_reason(words.symbols().text(reason)));
    case TracePath::Kind::Unknown: break;
  }
  return "unknown";
}

std::string_view name_of(TracePath::Kind kind) {
  constexpr std::array<std::string_view, 5> kNames{"running", "runnable", "syscall", "blocked", "unknown"};
  return kNames[static_cast<std::size_t>(kind)];
}

// Where it stands: of what waits for a processor the stack is the waker's.
std::string where(TracePath::Kind kind, std::uint32_t stack, const TraceStackWords& words) {
  if (stack == 0) return "";
  switch (kind) {
    case TracePath::Kind::Running: return fmt::format(" up to {}", words.place(stack));
    case TracePath::Kind::Runnable: return fmt::format(" after {}", words.place(stack));
    default: return fmt::format(" at {}", words.place(stack));
  }
}

std::string share(std::int64_t part, std::int64_t whole) {
  return whole <= 0 ? "" : percent(static_cast<double>(part) / static_cast<double>(whole));
}

void add_step(std::string& out, const TracePath& path, const TracePath::Step& step, std::uint64_t& goid,
              const TraceStackWords& words) {
  out += fmt::format("  {:>14} {:>10}  {}{}{}\n", trace_moment(step.begin_ns, path.first_ns),
                     human_duration(step.end_ns - step.begin_ns),
                     step.goid == goid ? "" : fmt::format("goroutine {} ", step.goid),
                     words_of(step.kind, step.reason, words), where(step.kind, step.stack, words));
  goid = step.goid;
}

// The longest so many steps in order, the short ones between them summed up.
void add_steps(std::string& out, const TracePath& path, const TraceStackWords& words) {
  std::vector<std::int64_t> lengths;
  for (const TracePath::Step& step : path.steps) lengths.push_back(step.end_ns - step.begin_ns);
  std::int64_t least = 0;
  if (lengths.size() > kStepsShown) {
    std::ranges::nth_element(lengths, lengths.begin() + kStepsShown, std::ranges::greater{});
    least = lengths[kStepsShown];
  }
  std::uint64_t goid = 0;
  std::uint64_t short_ones = 0;
  std::int64_t short_ns = 0;
  const auto flush = [&] {
    if (short_ones != 0)
      out += fmt::format("  {:>14} {:>10}  {}\n", "", human_duration(short_ns), counted(short_ones, "shorter step"));
    if (short_ones != 0) goid = 0;
    short_ones = 0;
    short_ns = 0;
  };
  for (const TracePath::Step& step : path.steps) {
    const std::int64_t length = step.end_ns - step.begin_ns;
    if (least != 0 && length <= least) {
      ++short_ones;
      short_ns += length;
      continue;
    }
    flush();
    add_step(out, path, step, goid, words);
  }
  flush();
}

std::string event_words(const TraceTaskStory& story, const TraceTaskStory::Event& event) {
  const std::string name = event.name.empty() ? "(not told)" : printable_line(event.name);
  switch (event.type) {
    case TraceType::TaskBegin:
      return event.task == story.id ? "the task begins" : fmt::format("task {} ({}) begins in it", event.task, name);
    case TraceType::TaskEnd:
      return event.task == story.id ? "the task ends" : fmt::format("task {} ({}) ends", event.task, name);
    case TraceType::RegionBegin: return fmt::format("region {} begins", name);
    case TraceType::RegionEnd: return fmt::format("region {} ends", name);
    default: break;
  }
  return event.name.empty() ? fmt::format("log: {}", printable_line(event.message))
                            : fmt::format("log {}: {}", name, printable_line(event.message));
}

// A letter a slice: what took most of it.
std::string strip(const TraceTaskStory::Goroutine& goroutine) {
  std::string out;
  for (const model::TraceStates& slice : goroutine.slices) {
    const std::array<std::pair<std::int64_t, char>, 4> parts{
        {{slice.running_ns, '#'}, {slice.syscall_ns, 's'}, {slice.runnable_ns, '-'}, {slice.waiting_ns, '.'}}};
    const auto most = std::ranges::max_element(parts, {}, [](const auto& part) { return part.first; });
    out += most->first == 0 ? ' ' : most->second;
  }
  return out;
}

}  // namespace

std::string critical_path_text(const TracePath& path, const TraceStackWords& words) {
  const std::int64_t all = path.end_ns - path.begin_ns;
  std::string out =
      fmt::format("\nCritical path of {}: {} from {}, on goroutine {} in the end\n", printable_line(path.subject),
                  human_duration(all), trace_moment(path.begin_ns, path.first_ns), path.goid);
  out += fmt::format("  {}, {} from a blocked goroutine to the one that woke it\n", counted(path.step_count, "step"),
                     counted(path.jumps, "jump"));
  std::array<std::int64_t, 5> kinds{};
  for (const TracePath::Row& row : path.rows) kinds[static_cast<std::size_t>(row.kind)] += row.ns;
  for (std::size_t i = 0; i < kinds.size(); ++i)
    if (kinds[i] != 0)
      out += fmt::format("  {:>10} {:>7}  {}\n", human_duration(kinds[i]), share(kinds[i], all),
                         static_cast<TracePath::Kind>(i) == TracePath::Kind::Blocked
                             ? "blocked, and no goroutine ended it: the network, timers"
                             : words_of(static_cast<TracePath::Kind>(i), {}, words));
  out += fmt::format("\nBy place\n  {:>10} {:>7} {:>8}\n", "time", "", "times");
  std::size_t shown = 0;
  for (const TracePath::Row& row : path.rows) {
    if (shown++ == kRowsShown) break;
    out +=
        fmt::format("  {:>10} {:>7} {:>8}  {}{}\n", human_duration(row.ns), share(row.ns, all), with_commas(row.count),
                    words_of(row.kind, row.reason, words), where(row.kind, row.stack, words));
  }
  if (path.rows.size() > kRowsShown)
    out += fmt::format("  and {} more, which --json has\n", counted(path.rows.size() - kRowsShown, "place"));
  out += "\nThe path\n";
  if (path.steps.size() < path.step_count)
    out +=
        fmt::format("  {} before these are in the sums only\n", counted(path.step_count - path.steps.size(), "step"));
  add_steps(out, path, words);
  return out;
}

void add_critical_path_json(JsonWriter& json, const TracePath& path, const TraceStackWords& words) {
  json.key("critical_path");
  json.begin_object();
  json.member("subject", path.subject);
  json.member("goroutine", path.goid);
  json.member("first_ns", path.first_ns);
  json.member("begin_ns", path.begin_ns);
  json.member("end_ns", path.end_ns);
  json.member("step_count", path.step_count);
  json.member("jumps", path.jumps);
  json.key("places");
  json.begin_array();
  for (const TracePath::Row& row : path.rows) {
    json.begin_object();
    json.member("kind", name_of(row.kind));
    json.member("reason", words.symbols().text(row.reason));
    json.member("count", row.count);
    json.member("ns", row.ns);
    words.add_json(json, "stack", row.stack);
    json.end_object();
  }
  json.end_array();
  json.key("steps");
  json.begin_array();
  for (const TracePath::Step& step : path.steps) {
    json.begin_object();
    json.member("goroutine", step.goid);
    json.member("kind", name_of(step.kind));
    json.member("reason", words.symbols().text(step.reason));
    json.member("begin_ns", step.begin_ns);
    json.member("end_ns", step.end_ns);
    json.member("place", step.stack == 0 ? std::string() : words.place(step.stack));
    json.end_object();
  }
  json.end_array();
  json.end_object();
}

std::string task_story_text(const TraceTaskStory& story, std::int64_t first_ns, const TraceStackWords& words) {
  std::string out =
      fmt::format("\nTask {} ({}): {}", story.id, story.name.empty() ? "name not told" : printable_line(story.name),
                  human_duration(story.end_ns - story.begin_ns));
  if (!story.begun) out += ", begun before the trace";
  if (!story.ended) out += ", not ended";
  if (story.parent != 0) out += fmt::format("; in task {}", story.parent);
  out += '\n';
  std::size_t shown = 0;
  std::int64_t last = story.begin_ns;
  for (const TraceTaskStory::Event& event : story.events) {
    if (shown++ == kEventsShown) break;
    out += fmt::format("  {:>14} {:>10}  goroutine {}: {}\n", trace_moment(event.time_ns, first_ns),
                       event.time_ns == last ? std::string() : "+" + human_duration(event.time_ns - last), event.goid,
                       event_words(story, event));
    last = event.time_ns;
  }
  if (story.event_count > kEventsShown)
    out += fmt::format("  and {} more\n", counted(story.event_count - kEventsShown, "event"));
  if (story.goroutines.empty()) return out;
  out += "\nIts goroutines meanwhile (# running, - waiting for a processor, s in a system call, . blocked)\n";
  for (const TraceTaskStory::Goroutine& goroutine : story.goroutines) {
    out += fmt::format("  |{}| {}", strip(goroutine), goroutine.goid);
    if (!goroutine.function.none())
      out += fmt::format(" ({})", printable_line(model::short_function(words.symbols().text(goroutine.function))));
    out += fmt::format(": {}\n", words_of_states(goroutine.states, 4));
  }
  return out;
}

void add_task_story_json(JsonWriter& json, const TraceTaskStory& story, const TraceStackWords& words) {
  json.key("task");
  json.begin_object();
  json.member("id", story.id);
  json.member("name", story.name);
  json.member("parent", story.parent);
  json.member("begun", story.begun);
  json.member("ended", story.ended);
  json.member("begin_ns", story.begin_ns);
  json.member("end_ns", story.end_ns);
  json.member("event_count", story.event_count);
  json.key("events");
  json.begin_array();
  for (const TraceTaskStory::Event& event : story.events) {
    constexpr std::array<std::string_view, 5> kNames{"task begin", "task end", "region begin", "region end", "log"};
    json.begin_object();
    json.member("time_ns", event.time_ns);
    json.member("goroutine", event.goid);
    json.member("what", kNames[static_cast<std::size_t>(event.type) - static_cast<std::size_t>(TraceType::TaskBegin)]);
    json.member("task", event.task);
    json.member("name", event.name);
    if (event.type == TraceType::Log) json.member("message", event.message);
    json.end_object();
  }
  json.end_array();
  json.key("goroutines");
  json.begin_array();
  for (const TraceTaskStory::Goroutine& goroutine : story.goroutines) {
    json.begin_object();
    json.member("goroutine", goroutine.goid);
    json.member("function", words.symbols().text(goroutine.function));
    json.member("running_ns", goroutine.states.running_ns);
    json.member("runnable_ns", goroutine.states.runnable_ns);
    json.member("syscall_ns", goroutine.states.syscall_ns);
    json.member("waiting_ns", goroutine.states.waiting_ns);
    json.end_object();
  }
  json.end_array();
  json.end_object();
}

std::string critical_path_folded(const TracePath& path, const TraceStackWords& words) {
  std::string out;
  const auto frame = [](std::string text) {
    std::ranges::replace(text, ';', ',');
    return text;
  };
  for (const TracePath::Row& row : path.rows) {
    const auto places = words.stacks().stack(row.stack);
    std::string line;
    for (std::size_t i = places.size(); i-- > 0;)
      line += frame(words.text(words.symbols().frame(words.stacks().places[places[i]].frame).function)) + ";";
    out += fmt::format("{}[{}] {}\n", line, frame(words_of(row.kind, row.reason, words)), row.ns);
  }
  return out;
}

}  // namespace gopsy::render
