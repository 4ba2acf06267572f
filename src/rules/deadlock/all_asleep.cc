#include "rules/catalog.h"
#include "rules/deadlock/deadlock_rule.h"

namespace gopsy::rules {
namespace {

void explain(const Crash& crash, const analyze::Deadlock& deadlock, Finding& finding) {
  finding.confidence = deadlock.sleepers.empty() ? 0.9 : 0.8;
  finding.title = deadlock.sleepers.empty() ? std::string("All goroutines are asleep, and none of them was printed")
                                            : fmt::format("All goroutines are asleep: {} wait in {}",
                                                          counted(deadlock.sleepers.size(), "goroutine"),
                                                          waiting_functions(crash, deadlock.sleepers));
  finding.why = "No goroutine can run and none waits for I/O, a timer or a system call, so nothing can ever wake one. ";
  finding.why +=
      deadlock.sleepers.empty()
          ? "GOTRACEBACK=none suppressed the stacks that would tell who waits for whom."
          : "The waits are of several kinds: whoever holds the lock may be one of those that wait on a channel.";
  finding.confirm =
      "Two dumps with GOTRACEBACK=system show channel addresses, which tell who shares a channel with whom.";
  finding.fix = "Follow each wait to the operation that should end it, and find the path that skips it.";
  if (deadlock.sleepers.empty()) finding.next = "export GOTRACEBACK=all";
}

}  // namespace

constinit const Rule kAllAsleep = deadlock_rule<analyze::DeadlockKind::AllAsleep, explain>(
    "deadlock.all-asleep", "every goroutine waits; used where no finer deadlock rule holds");

}  // namespace gopsy::rules
