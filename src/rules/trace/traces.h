#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "analyze/trace/wait_kind.h"
#include "base/format.h"
#include "base/units.h"
#include "model/trace_facts.h"
#include "rules/explain.h"
#include "rules/rule.h"

namespace gopsy::rules {

/// A trace of the incident that was studied, with what is needed to speak of it.
struct Trace {
  const model::Evidence& evidence;
  const model::TraceFacts& facts;
  const model::Symbols& symbols;

  [[nodiscard]] std::string_view text(StringId id) const { return symbols.text(id); }
  [[nodiscard]] std::int64_t wall_ns() const { return facts.times.wall_ns; }
  /// How many of something there were a second; 0 in a trace of no length.
  [[nodiscard]] double a_second(std::uint64_t count) const;
  /// A share of the trace's time.
  [[nodiscard]] double of_wall(std::int64_t ns) const;

  /// "main.worker at /src/a.go:12" of the program's own innermost frame; "a place that the trace does not show".
  [[nodiscard]] std::string place(std::uint32_t stack) const;
  /// "sync.(*Mutex).Lock ← main.(*Store).Get ← main.handle": the innermost frames, outer ones cut.
  [[nodiscard]] std::string calls(std::uint32_t stack) const;
  /// "1.20 s into the trace".
  [[nodiscard]] std::string moment(std::int64_t ns) const;
  [[nodiscard]] std::string function(StringId name) const;
  /// "goroutine 5", "nobody".
  [[nodiscard]] static std::string name(std::uint64_t goroutine);

  [[nodiscard]] analyze::TraceWait wait(StringId reason, std::uint32_t stack) const {
    return analyze::wait_kind(reason, stack, facts.stacks, symbols);
  }
  /// The program's own: neither the runtime's nor one that the trace says nothing of.
  [[nodiscard]] bool own(const model::TraceEnding::Goroutine& g) const;

  [[nodiscard]] Exhibit exhibit(std::string text, std::uint64_t goroutine = 0) const {
    return {.text = std::move(text), .path = evidence.path, .line = 0, .goroutine = goroutine};
  }
  /// `gopsy trace FILE`, with more words.
  [[nodiscard]] std::string command(std::string_view more = {}) const;
};

/// The body of every rule about a trace alone.
template <void (*explain)(const Trace&, std::vector<Finding>&)>
void run_trace_rule(Inquiry& inquiry, std::vector<Finding>& findings) {
  for (const auto& evidence : inquiry.incident.evidence)
    if (evidence.trace_facts && evidence.trace)
      explain({evidence, *evidence.trace_facts, inquiry.incident.symbols}, findings);
}

template <void (*explain)(const Trace&, std::vector<Finding>&)>
constexpr Rule trace_rule(std::string_view id, Severity severity, std::string_view summary) {
  return {.id = id, .severity = severity, .summary = summary, .run = run_trace_rule<explain>};
}

/// Goroutines that live at the end and do the same at the same place.
struct EndGroup {
  analyze::TraceWait wait = analyze::TraceWait::Unknown;
  std::uint32_t stack = 0;
  std::vector<const model::TraceEnding::Goroutine*> goroutines;  ///< the one that does so for longest first
};

/// Of goroutines of a trace, those that wait, by place; the largest group first.
std::vector<EndGroup> groups_of(const Trace& trace, const std::vector<const model::TraceEnding::Goroutine*>& waiting);

/// "12 goroutines (5, 6, 7, …) wait for a lock in main.a at a.go:3 since 1.20 s before the end".
Exhibit exhibit(const Trace& trace, const EndGroup& group);

/// How long it does what it does at the end. Of a goroutine that was found so: as long as the trace at least.
std::int64_t age_ns(const Trace& trace, const model::TraceEnding::Goroutine& g);

/// Does every goroutine of the program wait for another one of it, and for how long has nothing happened?
struct Standstill {
  std::vector<const model::TraceEnding::Goroutine*> goroutines;  ///< empty: it is none
  std::int64_t quiet_ns = 0;
  bool timer_possible = false;  ///< a receive or a select might wait for a timer
};
Standstill standstill_of(const Trace& trace);

}  // namespace gopsy::rules
