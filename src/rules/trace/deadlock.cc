#include "rules/catalog.h"
#include "rules/trace/traces.h"

namespace gopsy::rules {
namespace {

// One generation of a trace: shorter than that, a trace cannot tell a standstill from a pause.
constexpr std::int64_t kQuietNs = 1'000'000'000;
// The trace does not show timers: a receive or a select may wait for a tick.
constexpr std::int64_t kQuietBesideTimersNs = 3'000'000'000;
constexpr std::size_t kGroupsShown = 6;

void explain(const Trace& trace, std::vector<Finding>& findings) {
  const Standstill still = standstill_of(trace);
  if (still.goroutines.empty()) return;
  if (still.quiet_ns < (still.timer_possible ? kQuietBesideTimersNs : kQuietNs)) return;
  const auto groups = groups_of(trace, still.goroutines);
  Finding finding{.confidence = still.timer_possible ? 0.7 : 0.95};
  finding.title = fmt::format("Deadlock: {} of the program {} for another goroutine, and nothing has happened for {}",
                              counted(still.goroutines.size(), "goroutine"),
                              still.goroutines.size() == 1 ? "waits" : "all wait", human_duration(still.quiet_ns));
  finding.why = fmt::format(
      "Each of them waits for something that only a goroutine of the program can give (a channel, a lock, a "
      "WaitGroup), "
      "none runs, sleeps, reads from the network or is in a system call, and none has been woken for {}: nobody is "
      "left "
      "who could. The runtime does not say \"all goroutines are asleep\" here: the goroutine that reads the trace is "
      "always about to wake up, so its check never fires while a trace is on.{}",
      human_duration(still.quiet_ns),
      still.timer_possible ? " A trace does not show timers: a receive or a select might wait for a tick." : "");
  for (std::size_t i = 0; i < std::min(groups.size(), kGroupsShown); ++i)
    finding.evidence.push_back(exhibit(trace, groups[i]));
  finding.confirm =
      "A goroutine dump (kill -QUIT) of the process, or of one that hangs like it: the same stacks. Run without the "
      "trace, the runtime itself reports the deadlock, unless cgo or os/signal is in use.";
  finding.fix =
      "Look at the locks: who holds the one that is waited for, and what does that goroutine wait for? Take locks in "
      "one "
      "order, close channels on all ways out, and give waits a context.";
  finding.next = trace.command("--blocks");
  findings.push_back(std::move(finding));
}

}  // namespace

constinit const Rule kTraceDeadlock =
    trace_rule<explain>("trace.deadlock", Severity::Critical,
                        "all goroutines of a traced program wait for each other, which the runtime cannot see then");

}  // namespace gopsy::rules
