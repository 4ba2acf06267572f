#include "rules/catalog.h"
#include "rules/deadlock/deadlock_rule.h"

namespace gopsy::rules {
namespace {

void explain(const Crash& crash, const analyze::Deadlock& deadlock, Finding& finding) {
  const auto& first = deadlock.culprits.front();
  const bool once = first.wait.in_once;
  const bool alone = deadlock.sleepers.size() == 1;
  finding.confidence = once ? 0.97 : alone ? 0.88 : 0.7;
  finding.title =
      once ? fmt::format("A sync.Once is called from inside its own function in {}",
                         waiting_functions(crash, deadlock.culprits))
           : fmt::format("A lock is wanted by its own holder in {}", waiting_functions(crash, deadlock.culprits));
  finding.why =
      once ? "Once.Do stands twice in one stack: the inner call waits for the outer one to finish, and the outer one "
             "waits for the inner one."
      : alone ? "The only goroutine left waits for a lock, so nobody but itself can hold it: it locked twice on one "
                "path, or it wants a lock that a goroutine which has ended (or a copy of the lock) left locked."
              : "All that is left waits for one lock, and nobody who waits for anything else could hold it: one of the "
                "waiters holds it already, or a goroutine ended without unlocking.";
  if (!once && deadlock.confidence > 0) {
    finding.confidence = deadlock.confidence;
    finding.why =
        "The memory of the process shows it: the goroutine waits for a lock of which it has itself deferred the "
        "Unlock, "
        "or to whose Unlock it would come further out on its own stack. Go's locks are not reentrant.";
  }
  finding.confirm = once ? "The stack in the log is the proof."
                         : "Confirmed if a caller of the named frame has locked the same lock: Go's locks are not "
                           "reentrant. `go vet` reports locks that were copied while locked.";
  finding.fix = once ? "Take the inner call out of the function given to Do, or give it a Once of its own."
                     : "Split the method into an exported one that locks and an unexported one that expects the lock "
                       "held; unlock with defer.";
  finding.next = once ? finding.next : "go vet -copylocks ./...";
}

}  // namespace

constinit const Rule kSelfLock = deadlock_rule<analyze::DeadlockKind::SelfLock, explain>(
    "deadlock.self-lock", "a goroutine wants a lock it already holds, recursive Lock or Once");

}  // namespace gopsy::rules
