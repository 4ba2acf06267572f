#include <algorithm>

#include "analyze/overflow.h"
#include "rules/catalog.h"
#include "rules/crash/self_formatting.h"
#include "rules/explain.h"
#include "rules/heap.h"

namespace gopsy::rules {
namespace {

std::string cycle_text(const Crash& crash, const analyze::Overflow& overflow) {
  std::vector<std::string> names;
  for (const auto* frame : overflow.cycle) names.push_back(model::short_function(crash.function(*frame)));
  names.push_back(names.front());
  return join(names, " → ");
}

std::string size_text(const analyze::Overflow& overflow) {
  std::string text =
      fmt::format("{}{} frames deep", overflow.frames_known ? "" : "about ", with_commas(overflow.frames));
  if (!overflow.cycle.empty())
    text += fmt::format(", {} rounds of {}", with_commas(overflow.rounds), counted(overflow.cycle.size(), "frame"));
  if (overflow.bytes_per_round != 0) text += fmt::format(" at {} bytes a round", overflow.bytes_per_round);
  return text;
}

// A walk over data that leads back to itself is endless by proof, not by depth.
void add_ring(const Crash& crash, const analyze::ArgumentRing& ring, Finding& finding) {
  if (ring.frame == nullptr) return;
  std::vector<std::string> values;
  for (std::size_t i = 0; i < std::min<std::size_t>(ring.values.size(), 4); ++i)
    values.push_back(fmt::format("{:#x}", ring.values[i]));
  const std::string more = ring.values.size() > values.size() ? " and more" : "";
  const std::string role =
      fmt::format("argument {} takes turns between {}{}", ring.argument + 1, join(values, " and "), more);
  finding.confidence = 0.99;
  finding.evidence.push_back(exhibit(crash, *ring.frame, role));
  finding.why += fmt::format(
      " Argument {} of {} (a receiver counts as the first) takes the same {} values in turn, round after round: the "
      "data "
      "leads back to itself, so the walk is endless, not deep.",
      ring.argument + 1, model::short_function(crash.function(*ring.frame)), ring.values.size());
}

void explain_heap(const model::Incident& incident, Finding& finding) {
  const auto heap = add_heap(incident, "", "", finding);
  if (!heap) return;
  finding.why += heap->flat
                     ? fmt::format(
                           " The heap is flat ({} and {} in the two profiles), so it is this one goroutine's "
                           "stack that grew, not the live data: more memory would only delay the end.",
                           heap->first, heap->last)
                     : fmt::format(" The heap grew as well, from {} to {}: look at both.", heap->first, heap->last);
}

bool explain(const Crash& crash, Finding& finding) {
  const analyze::Overflow overflow = analyze::overflow_of(crash);
  if (self_formatting_method(crash, overflow.cycle) != nullptr) return false;
  const std::string limit =
      overflow.limit_bytes == 0 ? "its limit" : fmt::format("{} bytes", with_commas(overflow.limit_bytes));
  if (overflow.cycle.empty()) {
    finding.confidence = 0.85;
    finding.title = fmt::format("Stack overflow: a goroutine's stack passed {}, cycle not visible", limit);
    finding.why = fmt::format(
        "The runtime stops a goroutine whose stack passes its limit. The log shows no stack in which a cycle repeats "
        "({}), so the recursion cannot be named from it.",
        size_text(overflow));
    finding.confirm = "A complete traceback (GOTRACEBACK=single or higher) shows the repeating frames.";
    finding.fix = "Find the function that calls itself without an end, and give it a base case.";
    return true;
  }
  const std::string cycle = cycle_text(crash, overflow);
  finding.title = fmt::format("Stack overflow: {} recurses without end until the stack passes {}", cycle, limit);
  for (const auto* frame : overflow.cycle) finding.evidence.push_back(exhibit(crash, *frame, "in the cycle"));
  if (overflow.entry != nullptr) finding.evidence.push_back(exhibit(crash, *overflow.entry, "entered from"));
  finding.why = fmt::format(
      "The frames nearest the top repeat with period {}: {}. The stack was {}. {}", overflow.cycle.size(), cycle,
      size_text(overflow),
      overflow.entry != nullptr
          ? fmt::format("The recursion was entered from {}.", at(*crash.symbols, *overflow.entry))
          : std::string("Where it was entered was not printed (up to Go 1.20 only the innermost 100 frames are)."));
  add_ring(crash, overflow.ring, finding);
  finding.confirm =
      "Confirmed if the input that was being handled holds a cycle (a node that is its own ancestor) or drives the "
      "recursion without a bound; refuted if a deep but finite input explains the depth.";
  finding.fix = fmt::format(
      "Give {} a base case: carry a depth limit or a set of visited nodes through the cycle, and refuse cyclic input "
      "where it enters. A stack overflow is a fatal error that no recover can catch; debug.SetMaxStack only moves the "
      "limit.",
      model::short_function(crash.function(*overflow.first)));
  return true;
}

void run(Inquiry& inquiry, std::vector<Finding>& findings) {
  const std::size_t before = findings.size();
  run_crash_rule<CrashKind::StackOverflow, explain>(inquiry, findings);
  for (std::size_t i = before; i < findings.size(); ++i) explain_heap(inquiry.incident, findings[i]);
}

}  // namespace

constinit const Rule kStackOverflow{
    .id = "crash.stack-overflow",
    .severity = Severity::Critical,
    .summary =
        "a goroutine's stack hit its limit: the recursive cycle, its entry, its period, the depth, the limit in bytes",
    .run = run,
};

}  // namespace gopsy::rules
