#include "rules/catalog.h"
#include "rules/deadlock/deadlock_rule.h"

namespace gopsy::rules {
namespace {

void explain(const Crash& crash, const analyze::Deadlock& deadlock, Finding& finding) {
  finding.confidence = 0.88;
  finding.title = fmt::format("A reader waits behind a writer that waits for a reader: recursive RLock in {}",
                              waiting_functions(crash, deadlock.culprits));
  finding.why =
      "An RWMutex that a writer waits for admits no new readers. A goroutine that holds the read lock and asks for it "
      "again then waits for the writer, and the writer waits for that goroutine's first RUnlock. Both waits stand in "
      "the log.";
  finding.confirm = "Confirmed if a caller of the RLock in the log already holds the read lock of the same RWMutex.";
  finding.fix =
      "Never take a read lock twice on one path: split the method into a locking and a lock-held part. (The "
      "documentation of sync.RWMutex prohibits recursive read locking.)";
}

}  // namespace

constinit const Rule kRecursiveRLock = deadlock_rule<analyze::DeadlockKind::RecursiveRLock, explain>(
    "deadlock.recursive-rlock", "an RLock inside an RLock with a writer waiting between");

}  // namespace gopsy::rules
