#include "analyze/trace/join.h"
#include "rules/catalog.h"
#include "rules/trace/flush.h"
#include "rules/trace/life.h"

namespace gopsy::rules {
namespace {

using analyze::TraceMatch;
using model::GoState;

// From there on the crash itself speaks of the trace.
constexpr double kSureJoin = 0.7;

std::string belong_words(const TraceMatch& match) {
  std::vector<std::string> parts;
  if (match.same_start) parts.emplace_back("begins in the same function");
  if (match.same_creator) parts.emplace_back("was made by a goroutine of the same number");
  if (match.same_place) parts.emplace_back("in the same line");
  if (match.same_code) parts.emplace_back("and the trace has functions of its stack, in the same files");
  if (parts.empty())
    return "Only the number of the goroutine says that log and trace are of one process, and every process has such a "
           "number.";
  return fmt::format("Log and trace are of one process: in both this goroutine {}.", join(parts, ", "));
}

// From the end of its last block, or its birth, to the end of the trace.
std::int64_t since_block(const Trace& trace, const model::TraceEnding::Goroutine& g) {
  const auto* block = last_block(trace, g);
  std::int64_t ns = 0;
  return __builtin_sub_overflow(g.now.end_ns, block == nullptr ? g.born_ns : block->end_ns, &ns) ? INT64_MAX : ns;
}

std::string end_words(const Trace& trace, const model::TraceEnding::Goroutine& g) {
  const auto* block = last_block(trace, g);
  const std::string before = block == nullptr ? std::string("It had not blocked since it began")
                                              : fmt::format("Its last block: it {}", words_of(trace, *block));
  if (g.now.state != GoState::Running)
    return fmt::format("{}. When the trace ends it does not run, so the crash came after that.", before);
  return fmt::format("{}. {} later, at its end, the trace has it running.", before,
                     human_duration(since_block(trace, g)));
}

std::string title_of(const Trace& trace, const Crash& crash, const model::TraceEnding::Goroutine& g) {
  const auto* block = last_block(trace, g);
  const std::string who =
      fmt::format("Before the {}: goroutine {} ({})", crash.traceback->cause == model::Cause::Panic ? "panic" : "crash",
                  g.id, trace.function(g.function));
  if (g.now.state == GoState::Running && block != nullptr)
    return fmt::format("{} {}, {} before the end", who, words_of(trace, *block), human_duration(since_block(trace, g)));
  if (g.now.state == GoState::Running)
    return fmt::format("{} ran {} and did not block", who, human_duration(since_block(trace, g)));
  return fmt::format("{}, when the trace ends: {}", who, words_of(trace, g.now));
}

void tell(const Trace& trace, const Crash& crash, const TraceMatch& match, std::vector<Finding>& findings) {
  const auto& g = *match.goroutine;
  // A goroutine that does not run when a trace ends that was flushed by the panic: the trace was stopped before.
  const bool reaches = g.now.state == GoState::Running;
  Finding finding{.confidence = match.confidence() * (reaches ? 1 : 0.8)};
  finding.title = title_of(trace, crash, g);
  finding.why = fmt::format("{} {} {}", belong_words(match), end_words(trace, g), flush_words(trace, crash));
  finding.evidence.push_back({.text = fmt::format("it crashes in {}", place_of(crash)),
                              .path = crash.evidence->path,
                              .line = crash.goroutine->log_line,
                              .goroutine = crash.goroutine->id});
  for (auto& line : life_of(trace, g)) finding.evidence.push_back(std::move(line));
  for (const auto& panic : trace.facts.signs.panics)
    if (panic.goroutine == g.id)
      finding.evidence.push_back(trace.exhibit(fmt::format("{}: a deferred call under the panic: {}",
                                                           trace.moment(panic.begin_ns), trace.calls(panic.stack)),
                                               g.id));
  for (auto& line : neighbours_of(trace, g)) finding.evidence.push_back(std::move(line));
  finding.confirm = "The time of the crash in the log against that of the trace's end, where both have a wall clock.";
  finding.fix = "The fix is the crash's; this is what led to it.";
  finding.next = trace.command(fmt::format("--goroutine {}", g.id));
  findings.push_back(std::move(finding));
}

// The goroutine is not in the trace, but its maker or its code is: it came later.
void tell_later(const Trace& trace, const Crash& crash, std::vector<Finding>& findings) {
  Finding finding{.severity = Severity::Info, .confidence = 0.7};
  finding.title =
      fmt::format("Goroutine {}, which crashed, is not in the trace: it was made after the trace's last event",
                  crash.goroutine->id);
  finding.why =
      fmt::format("The trace has functions of its stack in the same files, and its goroutines go up to {}. {}",
                  trace.facts.ending.goroutines.back().id, flush_words(trace, crash));
  finding.evidence.push_back({.text = fmt::format("it crashes in {}", place_of(crash)),
                              .path = crash.evidence->path,
                              .line = crash.goroutine->log_line,
                              .goroutine = crash.goroutine->id});
  if (const auto* creator = trace.facts.ending.find(crash.goroutine->creator); creator != nullptr)
    for (auto& line : life_of(trace, *creator)) {
      line.text = "its creator: " + line.text;
      finding.evidence.push_back(std::move(line));
    }
  finding.confirm = "A trace that reaches to the crash.";
  finding.fix = "Go 1.23 and later write the rest of a trace at a panic; for fatal errors keep a core as well.";
  finding.next = trace.command();
  findings.push_back(std::move(finding));
}

template <typename Tell>
void each_join(Inquiry& inquiry, const Tell& tell_of) {
  for (const auto& evidence : inquiry.incident.evidence) {
    if (!evidence.trace_facts || !evidence.trace) continue;
    const Trace trace{evidence, *evidence.trace_facts, inquiry.incident.symbols};
    tell_of(trace, analyze::TraceIdentity(trace.facts, trace.symbols));
  }
}

void run(Inquiry& inquiry, std::vector<Finding>& findings) {
  each_join(inquiry, [&](const Trace& trace, const analyze::TraceIdentity& identity) {
    for (const Crash& crash : inquiry.crashes) {
      if (!crash.traceback->fatal_end() || crash.goroutine == nullptr) continue;
      const auto match = identity.find(*crash.traceback, *crash.goroutine);
      const auto& there = trace.facts.ending.goroutines;
      if (match) {
        tell(trace, crash, *match, findings);
      } else if (!there.empty() && crash.goroutine->id > there.back().id &&
                 identity.knows_code_of(*crash.traceback, *crash.goroutine)) {
        tell_later(trace, crash, findings);
      }
    }
  });
}

}  // namespace

void add_trace_words(Inquiry& inquiry, const Crash& crash, Finding& finding) {
  if (crash.goroutine == nullptr) return;
  each_join(inquiry, [&](const Trace& trace, const analyze::TraceIdentity& identity) {
    const auto match = identity.find(*crash.traceback, *crash.goroutine);
    if (!match || match->confidence() < kSureJoin) return;
    const auto& g = *match->goroutine;
    const auto* block = last_block(trace, g);
    finding.evidence.push_back(
        trace.exhibit(fmt::format("before that it {}{} (trace.before-panic has its whole life)",
                                  block == nullptr ? "did not block" : words_of(trace, *block),
                                  fmt::format(", {} before the trace ends", human_duration(since_block(trace, g)))),
                      g.id));
  });
}

constinit const Rule kTraceBeforePanic{
    .id = "trace.before-panic",
    .severity = Severity::Warning,
    .summary = "what the goroutine that crashed did before, from a trace of the same process",
    .run = run,
};

}  // namespace gopsy::rules
