#include <algorithm>

#include "rules/catalog.h"
#include "rules/deadlock/deadlock_rule.h"

namespace gopsy::rules {
namespace {

constexpr std::string_view kWhy =
    "The memory of the process has it locked, and no goroutine on any stack will unlock it: none has deferred its "
    "Unlock, "
    "and none returns to code that comes to one. Whoever locked it went away: by a return or a panic between Lock and "
    "Unlock, at the end of its goroutine, or because a locked lock was copied.";
constexpr std::string_view kConfirm =
    "Look in the code that locks it for a return between Lock and Unlock, and for a call there that can panic under a "
    "recover further out. Refuted if the lock is handed on: unlocked through a function value or by another package.";
constexpr std::string_view kFix =
    "Write `defer mu.Unlock()` right below Lock, in a function of its own if the section must be short.";

void explain(const Crash& crash, const analyze::Deadlock& deadlock, Finding& finding) {
  finding.confidence = deadlock.confidence;
  finding.title = fmt::format("A lock stays locked and nobody is left to unlock it: {} for it in {}",
                              counted(deadlock.culprits.size(), "goroutine waits", "goroutines wait"),
                              waiting_functions(crash, deadlock.culprits));
  finding.why = kWhy;
  finding.confirm = kConfirm;
  finding.fix = kFix;
}

Finding explain_living(const analyze::Snapshot& snapshot, const analyze::WaitGroupOf& group,
                       const model::Symbols& symbols) {
  const auto& first = snapshot.traceback->goroutines[group.waiters[0]];
  Finding finding{.confidence = group.orphan_confidence};
  finding.title =
      fmt::format("A lock stays locked and nobody is left to unlock it: {} for it in {}",
                  counted(group.waiters.size(), "goroutine waits", "goroutines wait"), at(symbols, *group.place));
  finding.evidence.push_back({.text = fmt::format("[{}] waits for {}, which is locked", symbols.text(first.state),
                                                  object_words(*group.object)),
                              .path = snapshot.evidence->path,
                              .line = first.log_line,
                              .goroutine = first.id});
  finding.why = kWhy;
  finding.confirm =
      "Read the process again: a lock that changes hands is held by somebody else or free. " + std::string(kConfirm);
  finding.fix = kFix;
  finding.next =
      fmt::format("gopsy goroutines {} --filter 'id == {}' --full", shell_word(snapshot.evidence->path), first.id);
  return finding;
}

constexpr std::size_t kLocksTold = 3;

void run(Inquiry& inquiry, std::vector<Finding>& findings) {
  run_deadlock_rule<analyze::DeadlockKind::LostUnlock, explain>(inquiry, findings);
  const auto& all = inquiry.wait_groups();
  for (std::size_t s = 0; s < all.size(); ++s) {
    const auto& snapshot = inquiry.snapshots()[s];
    if (snapshot.all_asleep) continue;
    std::size_t told = 0;
    for (const auto& group : all[s].groups)
      if (group.orphan && group.is_lock && ++told <= kLocksTold)
        findings.push_back(explain_living(snapshot, group, inquiry.incident.symbols));
  }
}

}  // namespace

constinit const Rule kLostUnlock{
    .id = "deadlock.lost-unlock",
    .severity = Severity::Critical,
    .summary = "a lock stays locked and nobody is left to unlock it",
    .run = run,
};

}  // namespace gopsy::rules
