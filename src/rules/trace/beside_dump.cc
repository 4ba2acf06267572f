#include <algorithm>

#include "analyze/trace/join.h"
#include "rules/catalog.h"
#include "rules/trace/traces.h"

namespace gopsy::rules {
namespace {

using Goroutine = model::TraceEnding::Goroutine;

// One that agrees in one thing beside its number; fewer than half that do, and it is another process.
constexpr double kSure = 0.7;
constexpr std::size_t kGroupsShown = 6;

struct Joined {
  std::uint64_t goroutines = 0;  // of the dump
  std::uint64_t there = 0;
  std::uint64_t contradict = 0;
  std::vector<const Goroutine*> waiting;
};

Joined join_dump(const Trace& trace, const analyze::TraceIdentity& identity, const model::Traceback& dump) {
  Joined joined;
  for (const model::Goroutine& g : dump.goroutines) {
    ++joined.goroutines;
    const auto match = identity.find(dump, g);
    if (!match) {
      joined.contradict += trace.facts.ending.find(g.id) != nullptr ? 1U : 0U;
      continue;
    }
    if (match->confidence() < kSure) continue;
    ++joined.there;
    const Goroutine& there = *match->goroutine;
    if (there.now.state == model::GoState::Waiting &&
        analyze::needs_a_goroutine(trace.wait(there.now.reason, there.now.stack)) &&
        age_ns(trace, there) >= trace.facts.signs.threshold_ns)
      joined.waiting.push_back(&there);
  }
  return joined;
}

void tell(const Trace& trace, const model::Evidence& dump, const Joined& joined, std::vector<Finding>& findings) {
  Finding finding{.confidence = joined.contradict == 0 ? 0.9 : 0.7};
  finding.title = fmt::format("{} of the {} in {} are in the trace, which knows since when {} of them wait",
                              with_commas(joined.there), counted(joined.goroutines, "goroutine"), dump.path,
                              with_commas(joined.waiting.size()));
  finding.why = fmt::format(
      "They have the same numbers, begin in the same functions and were made by the same goroutines{}. A dump says how "
      "long a goroutine waits in minutes, from a minute on and only as the collector noticed; the trace has the event.",
      joined.contradict == 0 ? ""
                             : fmt::format("; {} with a number that the trace has as well begin elsewhere",
                                           counted(joined.contradict, "other")));
  const auto groups = groups_of(trace, joined.waiting);
  for (std::size_t i = 0; i < std::min(groups.size(), kGroupsShown); ++i)
    finding.evidence.push_back(exhibit(trace, groups[i]));
  finding.confirm = "The state of these goroutines in the dump, and its time against the end of the trace.";
  finding.fix = "What the rules say of the dump, with the time of the waits beside it.";
  finding.next = fmt::format("gopsy goroutines {}", shell_word(dump.path));
  findings.push_back(std::move(finding));
}

void run(Inquiry& inquiry, std::vector<Finding>& findings) {
  for (const auto& evidence : inquiry.incident.evidence) {
    if (!evidence.trace_facts || !evidence.trace) continue;
    const Trace trace{evidence, *evidence.trace_facts, inquiry.incident.symbols};
    const analyze::TraceIdentity identity(trace.facts, trace.symbols);
    for (const auto& other : inquiry.incident.evidence) {
      if (!other.log) continue;
      for (const auto& traceback : other.log->tracebacks) {
        if (traceback.cause != model::Cause::Dump) continue;
        const Joined joined = join_dump(trace, identity, traceback);
        if (!joined.waiting.empty() && joined.contradict < joined.there) tell(trace, other, joined, findings);
      }
    }
  }
}

}  // namespace

constinit const Rule kTraceBesideDump{
    .id = "trace.beside-dump",
    .severity = Severity::Info,
    .summary = "goroutines of a dump are in a trace of the same process, which knows since when they wait",
    .run = run,
};

}  // namespace gopsy::rules
