#include "rules/trace/traces.h"

#include <algorithm>
#include <map>

namespace gopsy::rules {

using analyze::TraceWait;
using model::GoState;
using Goroutine = model::TraceEnding::Goroutine;

namespace {

constexpr std::size_t kFramesShown = 4;
constexpr std::size_t kGoroutinesNamed = 6;

}  // namespace

double Trace::a_second(std::uint64_t count) const {
  return wall_ns() <= 0 ? 0 : static_cast<double>(count) * 1e9 / static_cast<double>(wall_ns());
}

double Trace::of_wall(std::int64_t ns) const {
  return wall_ns() <= 0 ? 0 : static_cast<double>(ns) / static_cast<double>(wall_ns());
}

std::string Trace::function(StringId name) const {
  return name.none() ? "a function that the trace does not name" : model::short_function(text(name));
}

std::string Trace::place(std::uint32_t stack) const {
  const model::FrameId id = analyze::user_frame(stack, facts.stacks, symbols);
  if (id.none()) return "a place that the trace does not show";
  const model::Frame& frame = symbols.frame(id);
  const std::string name = model::short_function(text(frame.function));
  return frame.line == 0 ? name : fmt::format("{} at {}:{}", name, text(frame.file), frame.line);
}

std::string Trace::calls(std::uint32_t stack) const {
  std::vector<std::string> names;
  const auto rows = facts.stacks.stack(stack);
  for (const std::uint32_t row : rows) {
    if (names.size() == kFramesShown) {
      names.emplace_back("…");
      break;
    }
    names.push_back(model::short_function(text(symbols.frame(facts.stacks.places[row].frame).function)));
  }
  return names.empty() ? "a stack that the trace does not have" : join(names, " ← ");
}

std::string Trace::moment(std::int64_t ns) const {
  std::int64_t since = 0;
  if (__builtin_sub_overflow(ns, evidence.trace->first_ns, &since)) since = INT64_MAX;
  return fmt::format("{} into the trace", human_duration(since));
}

std::string Trace::name(std::uint64_t goroutine) {
  return goroutine == 0 ? "nobody (a timer or the network)" : fmt::format("goroutine {}", goroutine);
}

bool Trace::own(const Goroutine& g) const {
  if (analyze::of_runtime(text(g.function))) return false;
  // Before Go 1.23 a goroutine that was found and did nothing has no stack: it may be the runtime's.
  return !(g.found && g.function.none() && g.starts == 0);
}

std::string Trace::command(std::string_view more) const {
  return fmt::format("gopsy trace {}{}{}", shell_word(evidence.path), more.empty() ? "" : " ", more);
}

std::int64_t age_ns(const Trace& trace, const Goroutine& g) {
  if (g.now.found) return trace.wall_ns();
  return g.now.length_ns();
}

std::vector<EndGroup> groups_of(const Trace& trace, const std::vector<const Goroutine*>& waiting) {
  std::map<std::pair<TraceWait, std::uint32_t>, std::size_t> index;
  std::vector<EndGroup> groups;
  for (const Goroutine* g : waiting) {
    const TraceWait wait = trace.wait(g->now.reason, g->now.stack);
    const auto [at, is_new] = index.try_emplace({wait, g->now.stack}, groups.size());
    if (is_new) groups.push_back({.wait = wait, .stack = g->now.stack, .goroutines = {}});
    groups[at->second].goroutines.push_back(g);
  }
  for (EndGroup& group : groups)
    std::ranges::stable_sort(group.goroutines, std::ranges::greater{},
                             [&](const Goroutine* g) { return age_ns(trace, *g); });
  std::ranges::stable_sort(groups, std::ranges::greater{}, [](const EndGroup& g) { return g.goroutines.size(); });
  return groups;
}

Exhibit exhibit(const Trace& trace, const EndGroup& group) {
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < std::min(group.goroutines.size(), kGoroutinesNamed); ++i)
    ids.push_back(fmt::format("{}", group.goroutines[i]->id));
  const Goroutine& first = *group.goroutines.front();
  const bool one = group.goroutines.size() == 1;
  std::string text = fmt::format(
      "{} {}{} {} {} in {}, {}{} before the end{}: {}", one ? "goroutine" : "goroutines", join(ids, ", "),
      group.goroutines.size() > ids.size() ? fmt::format(" and {} more", group.goroutines.size() - ids.size()) : "",
      one ? "waits" : "wait", words_of(group.wait), trace.place(group.stack), one ? "since " : "the first since ",
      human_duration(age_ns(trace, first)), first.now.found ? " or longer" : "", trace.calls(group.stack));
  return trace.exhibit(std::move(text), one ? first.id : 0);
}

Standstill standstill_of(const Trace& trace) {
  const model::TraceEnding& ending = trace.facts.ending;
  Standstill still;
  if (ending.left_out != 0) return still;
  std::int64_t last_ns = std::max(ending.first_ns, ending.last_end_ns);
  bool signals = false;
  for (const Goroutine& g : ending.goroutines) {
    signals |= trace.text(g.function).starts_with("os/signal.");
    if (!trace.own(g)) continue;
    const TraceWait wait = trace.wait(g.now.reason, g.now.stack);
    if (g.now.state != GoState::Waiting || !analyze::needs_a_goroutine(wait)) return {};
    still.timer_possible |= wait == TraceWait::Receive || wait == TraceWait::Select;
    if (!g.now.found) last_ns = std::max(last_ns, g.now.begin_ns);
    still.goroutines.push_back(&g);
  }
  // Whoever receives may be waiting for a signal.
  if (signals && still.timer_possible) return {};
  if (__builtin_sub_overflow(ending.last_ns, last_ns, &still.quiet_ns)) still.quiet_ns = INT64_MAX;
  return still;
}

}  // namespace gopsy::rules
