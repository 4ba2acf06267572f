#include "rules/trace/life.h"

#include <algorithm>

namespace gopsy::rules {

using model::GoState;
using model::TracePast;
using model::TraceType;
using Goroutine = model::TraceEnding::Goroutine;

namespace {

constexpr std::size_t kNeighboursShown = 4;
// sysmon's tick: from there on a system call blocks.
constexpr std::int64_t kLongCallNs = 20'000;
constexpr std::int64_t kLongQueueNs = 100'000;

std::string at_place(const Trace& trace, std::uint32_t stack) {
  return stack <= model::TraceStacks::kLost ? "" : fmt::format(" in {}", trace.place(stack));
}

std::string woken_words(const Trace& trace, const TracePast& past) {
  if (past.ended == TraceType::None) return {};
  if (past.ended_by == 0) {
    const bool network = trace.wait(past.reason, past.stack) == analyze::TraceWait::Network;
    return network ? ", until the network had something" : ", until a timer or the runtime woke it";
  }
  return fmt::format(", until goroutine {} woke it{}", past.ended_by, at_place(trace, past.end_stack));
}

std::string runnable_words(const Trace& trace, const TracePast& past) {
  switch (past.begun) {
    case TraceType::GoStop:
      return fmt::format("gave up its P ({}){} and waited {} for one", trace.text(past.reason),
                         at_place(trace, past.stack), human_duration(past.length_ns()));
    case TraceType::GoSyscallEndBlocked:
      return fmt::format("came back from the system call without a P, and waited {} for one",
                         human_duration(past.length_ns()));
    default: return fmt::format("waited {} for a P", human_duration(past.length_ns()));
  }
}

// Stretches of running and of short system calls between two waits, told as one.
struct Work {
  std::int64_t begin_ns = 0;
  std::int64_t running_ns = 0;
  std::uint64_t calls = 0;
  std::int64_t calls_ns = 0;
  std::uint32_t last_call = 0;

  [[nodiscard]] bool any() const { return running_ns != 0 || calls != 0; }
};

void add_work(const Trace& trace, std::uint64_t id, Work& work, std::vector<Exhibit>& lines) {
  if (work.any())
    lines.push_back(trace.exhibit(
        fmt::format("{}: ran {}{}", trace.moment(work.begin_ns), human_duration(work.running_ns),
                    work.calls == 0
                        ? ""
                        : fmt::format(", with {} of {} in all, the last{}", counted(work.calls, "system call"),
                                      human_duration(work.calls_ns), at_place(trace, work.last_call))),
        id));
  work = {};
}

void add_past(const Trace& trace, const Goroutine& g, std::vector<Exhibit>& lines) {
  Work work;
  for (const TracePast& past : trace.facts.ending.past_of(g)) {
    const std::int64_t ns = past.length_ns();
    if (past.state == GoState::Running || (past.state == GoState::Syscall && ns < kLongCallNs)) {
      if (!work.any()) work.begin_ns = past.begin_ns;
      if (past.state == GoState::Running) {
        work.running_ns += ns;
      } else {
        ++work.calls;
        work.calls_ns += ns;
        work.last_call = past.stack;
      }
      continue;
    }
    if (past.state == GoState::Runnable && ns < kLongQueueNs) continue;
    add_work(trace, g.id, work, lines);
    lines.push_back(trace.exhibit(fmt::format("{}: {}", trace.moment(past.begin_ns), words_of(trace, past)), g.id));
  }
  add_work(trace, g.id, work, lines);
}

}  // namespace

std::string words_of(const Trace& trace, const TracePast& past) {
  const std::string took = human_duration(past.length_ns());
  switch (past.state) {
    case GoState::Waiting:
      return fmt::format("waited {}{} {}{}{}", past.found ? "at least " : "", took,
                         words_of(trace.wait(past.reason, past.stack)), at_place(trace, past.stack),
                         woken_words(trace, past));
    case GoState::Syscall: return fmt::format("was {} in a system call{}", took, at_place(trace, past.stack));
    case GoState::Running: return fmt::format("ran {}", took);
    case GoState::Runnable: return runnable_words(trace, past);
    default: return fmt::format("{} of which the trace says nothing", took);
  }
}

const TracePast* last_block(const Trace& trace, const Goroutine& g) {
  const auto past = trace.facts.ending.past_of(g);
  const TracePast* last_call = nullptr;
  for (std::size_t i = past.size(); i-- > 0;) {
    if (past[i].state == GoState::Waiting) return &past[i];
    if (past[i].state != GoState::Syscall) continue;
    if (past[i].length_ns() >= kLongCallNs) return &past[i];
    if (last_call == nullptr) last_call = &past[i];
  }
  return last_call;
}

std::vector<Exhibit> life_of(const Trace& trace, const Goroutine& g) {
  std::vector<Exhibit> lines;
  if (g.found) {
    lines.push_back(
        trace.exhibit(fmt::format("{} was there before the trace; it ran {} in it, in {}", trace.function(g.function),
                                  human_duration(g.running_ns), counted(g.starts, "stretch", "stretches")),
                      g.id));
  } else {
    lines.push_back(
        trace.exhibit(fmt::format("created {} by {} in {}, to run {}; it ran {} in all, in {}", trace.moment(g.born_ns),
                                  Trace::name(g.creator), trace.place(g.creation_stack), trace.function(g.function),
                                  human_duration(g.running_ns), counted(g.starts, "stretch", "stretches")),
                      g.id));
  }
  add_past(trace, g, lines);
  std::string_view does = "is in a state that the trace does not tell";
  switch (g.now.state) {
    case GoState::Running: does = "runs"; break;
    case GoState::Runnable: does = "waits for a P"; break;
    case GoState::Syscall: does = "is in a system call"; break;
    case GoState::Waiting: does = words_of(trace.wait(g.now.reason, g.now.stack)); break;
    default: break;
  }
  lines.push_back(
      trace.exhibit(fmt::format("{}, and until the trace ends: it {}{}{}, {} since then", trace.moment(g.now.begin_ns),
                                g.now.state == GoState::Waiting ? "waits " : "", does,
                                g.now.state == GoState::Running ? "" : at_place(trace, g.now.stack),
                                human_duration(g.now.length_ns())),
                    g.id));
  return lines;
}

std::vector<Exhibit> neighbours_of(const Trace& trace, const Goroutine& g) {
  std::vector<Exhibit> lines;
  std::vector<const Goroutine*> waiting;
  std::uint64_t running = 0;
  std::uint64_t runnable = 0;
  std::uint64_t calling = 0;
  for (const Goroutine& other : trace.facts.ending.goroutines) {
    if (&other == &g || !trace.own(other)) continue;
    switch (other.now.state) {
      case GoState::Running: ++running; break;
      case GoState::Runnable: ++runnable; break;
      case GoState::Syscall: ++calling; break;
      default: waiting.push_back(&other);
    }
  }
  if (running + runnable + calling + waiting.size() == 0) return lines;
  lines.push_back(
      trace.exhibit(fmt::format("its neighbours at the end: {} running, {} runnable, {} in system calls, {} waiting",
                                running, runnable, calling, waiting.size())));
  const auto groups = groups_of(trace, waiting);
  for (std::size_t i = 0; i < std::min(groups.size(), kNeighboursShown); ++i)
    lines.push_back(exhibit(trace, groups[i]));
  return lines;
}

}  // namespace gopsy::rules
