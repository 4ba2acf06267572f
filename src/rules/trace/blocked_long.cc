#include <algorithm>

#include "rules/catalog.h"
#include "rules/trace/traces.h"

namespace gopsy::rules {
namespace {

using analyze::TraceWait;

// A second, by default: a lock that long is no matter of load.
constexpr std::int64_t kLockFactor = 100;
constexpr std::size_t kShown = 5;

// Waits of a goroutine that has something to do: who waits to receive may be idle.
bool hinders(TraceWait wait) { return wait == TraceWait::Lock || wait == TraceWait::Send || wait == TraceWait::Assist; }

Exhibit exhibit_of(const Trace& trace, const model::TraceSigns::Wait& wait) {
  const auto& longest = wait.longest;
  std::string text = fmt::format("{} {} in {}, the longest {}, {}", counted(wait.over, "time"),
                                 words_of(trace.wait(wait.reason, wait.stack)), trace.place(wait.stack),
                                 human_duration(longest.length_ns()), trace.moment(longest.begin_ns));
  text += longest.by == 0 ? ", until the trace ends"
                          : fmt::format(", ended by goroutine {} in {}", longest.by, trace.place(longest.by_stack));
  return trace.exhibit(std::move(text), longest.goroutine);
}

void explain(const Trace& trace, std::vector<Finding>& findings) {
  std::vector<const model::TraceSigns::Wait*> places;
  std::uint64_t count = 0;
  for (const auto& wait : trace.facts.signs.waits) {
    if (wait.over == 0 || !hinders(trace.wait(wait.reason, wait.stack))) continue;
    count += wait.over;
    places.push_back(&wait);
  }
  if (places.empty()) return;
  std::ranges::stable_sort(places, std::ranges::greater{},
                           [](const model::TraceSigns::Wait* wait) { return wait->longest.length_ns(); });
  const bool for_long = std::ranges::any_of(places, [&](const model::TraceSigns::Wait* wait) {
    return trace.wait(wait->reason, wait->stack) == TraceWait::Lock &&
           wait->longest.length_ns() / kLockFactor >= trace.facts.signs.threshold_ns;
  });
  const auto& worst = *places.front();
  Finding finding{.severity = for_long ? Severity::Warning : Severity::Info, .confidence = 0.85};
  finding.title = fmt::format("Goroutines waited {} or longer {}: the longest {} {}, in {}",
                              human_duration(trace.facts.signs.threshold_ns), counted(count, "time"),
                              human_duration(worst.longest.length_ns()),
                              words_of(trace.wait(worst.reason, worst.stack)), trace.place(worst.stack));
  finding.why =
      "Counted are waits of goroutines with work in their hands: for a lock, to send, for the collector. Who waits to "
      "receive, or in a select, may have nothing to do, and is not counted.";
  for (std::size_t i = 0; i < std::min(places.size(), kShown); ++i)
    finding.evidence.push_back(exhibit_of(trace, *places[i]));
  finding.confirm = "What the one that ended the wait did meanwhile: it held the lock, or was away from the channel.";
  finding.fix =
      "Hold locks for less: no I/O, no logging, no calls of others while one is held. Buffer the channel if bursts are "
      "normal, or shed load if they are not.";
  finding.next = trace.command("--blocks");
  findings.push_back(std::move(finding));
}

}  // namespace

constinit const Rule kTraceBlockedLong =
    trace_rule<explain>("trace.blocked-long", Severity::Warning,
                        "goroutines with work in their hands wait longer than the threshold: where, and for whom");

}  // namespace gopsy::rules
