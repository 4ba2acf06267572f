#include "rules/catalog.h"
#include "rules/explain.h"

namespace gopsy::rules {
namespace {

bool explain(const Crash& crash, Finding& finding) {
  finding.title = fmt::format("Unlock of a lock that was not locked in {}", place_of(crash));
  finding.why = fmt::format(
      "{}: a second Unlock (a deferred one after an explicit one), an Unlock on a path that never locked, RUnlock "
      "paired with Lock, or an Unlock of a copy of the lock. It is a fatal error that no recover catches.",
      crash.text.empty() ? "The runtime's unlock found the lock free" : std::string(crash.text));
  finding.confirm =
      "Confirmed if a path reaches the named line with the lock already released; `go vet` reports copied locks.";
  finding.fix = "Lock and defer Unlock together, and nowhere else; pass structs that hold a lock by pointer.";
  finding.next = "go vet -copylocks ./...";
  return true;
}

}  // namespace

constinit const Rule kUnlockOfUnlocked = crash_rule<CrashKind::UnlockOfUnlocked, explain>(
    "crash.unlock-of-unlocked", Severity::Critical,
    "a mutex unlocked that was not locked: fatal, no recover can catch it");

}  // namespace gopsy::rules
