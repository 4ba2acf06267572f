#include "rules/catalog.h"
#include "rules/deadlock/deadlock_rule.h"

namespace gopsy::rules {
namespace {

void explain(const Crash& crash, const analyze::Deadlock& deadlock, Finding& finding) {
  finding.confidence = 0.88;
  finding.title =
      fmt::format("Lock-order deadlock: {} want different locks in {}", counted(deadlock.culprits.size(), "goroutine"),
                  waiting_functions(crash, deadlock.culprits));
  finding.why =
      "The lock waiters wait for different addresses (lockSlow prints the lock's address at every traceback level), "
      "every goroutine sleeps, and nobody outside this group could unlock: each must hold what another wants. The "
      "addresses in the evidence are the edges of the cycle.";
  finding.confirm =
      "Confirmed if the code of these frames takes the same two locks in opposite orders; an address that also stands "
      "among another waiter's arguments names the lock that one was given.";
  finding.fix =
      "Take the locks in one fixed order everywhere (by address, by id, by level), or hold one lock over both.";
}

}  // namespace

constinit const Rule kLockOrder = deadlock_rule<analyze::DeadlockKind::LockOrder, explain>(
    "deadlock.lock-order", "goroutines hold and want each other's locks: the cycle");

}  // namespace gopsy::rules
