#include "rules/catalog.h"
#include "rules/trace/traces.h"

namespace gopsy::rules {
namespace {

using Goroutine = model::TraceEnding::Goroutine;

// Nobody holds a lock for a second on purpose, and a reader that is a second late is away.
constexpr std::int64_t kLongNs = 1'000'000'000;
constexpr std::size_t kGroupsShown = 5;

void explain(const Trace& trace, std::vector<Finding>& findings) {
  const Standstill still = standstill_of(trace);
  if (!still.goroutines.empty() && still.quiet_ns >= kLongNs) return;  // trace.deadlock tells more
  std::vector<const Goroutine*> stuck;
  std::uint64_t locks = 0;
  for (const Goroutine& g : trace.facts.ending.goroutines) {
    if (!trace.own(g) || g.now.state != model::GoState::Waiting || age_ns(trace, g) < kLongNs) continue;
    const auto wait = trace.wait(g.now.reason, g.now.stack);
    if (wait != analyze::TraceWait::Lock && wait != analyze::TraceWait::Send) continue;
    locks += wait == analyze::TraceWait::Lock ? 1 : 0;
    stuck.push_back(&g);
  }
  if (stuck.empty()) return;
  const auto groups = groups_of(trace, stuck);
  Finding finding{.severity = locks != 0 ? Severity::Warning : Severity::Info, .confidence = locks != 0 ? 0.85 : 0.7};
  finding.title =
      fmt::format("{} stuck when the trace ends: {} for a lock, {} sending to a channel, for 1 s and longer",
                  counted(stuck.size(), "goroutine is", "goroutines are"), locks, stuck.size() - locks);
  finding.why = fmt::format(
      "A goroutine that waits to receive may have nothing to do; one that waits for a lock or to send has work in its "
      "hands. The largest group waits {} in {}.",
      words_of(groups.front().wait), trace.place(groups.front().stack));
  for (std::size_t i = 0; i < std::min(groups.size(), kGroupsShown); ++i)
    finding.evidence.push_back(exhibit(trace, groups[i]));
  finding.confirm =
      "A goroutine dump of the process: whether they still stand there, and who holds the lock or should receive.";
  finding.fix =
      "Of a lock: find the holder (it waits for something, too, or returned without Unlock). Of a send: the receiver "
      "is "
      "gone or busy; buffer the channel, or select on a context as well.";
  finding.next = trace.command("--locks");
  findings.push_back(std::move(finding));
}

}  // namespace

constinit const Rule kTraceStuck =
    trace_rule<explain>("trace.stuck", Severity::Warning,
                        "goroutines wait for a lock, or to send, since a second and more when the trace ends");

}  // namespace gopsy::rules
