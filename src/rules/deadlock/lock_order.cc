#include <algorithm>

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
  if (deadlock.confidence > 0) {
    finding.confidence = deadlock.confidence;
    finding.why =
        "The memory of the process shows the ring: each waits for a lock that the next one has, the last for one of "
        "the "
        "first. Go records no owner of a lock; one has it here that has deferred its Unlock, or returns to code that "
        "unlocks it without locking it first.";
  }
  finding.confirm =
      "Confirmed if the code of these frames takes the same two locks in opposite orders; an address that also stands "
      "among another waiter's arguments names the lock that one was given.";
  finding.fix =
      "Take the locks in one fixed order everywhere (by address, by id, by level), or hold one lock over both.";
}

// A ring of waits in a process that lives on: the runtime reports a deadlock only when every goroutine sleeps.
Finding explain_living(const analyze::Snapshot& snapshot, const analyze::WaitGroups& waits,
                       const analyze::WaitCycle& cycle, const model::Symbols& symbols) {
  Finding finding{.confidence = cycle.confidence};
  const auto& goroutines = snapshot.traceback->goroutines;
  std::vector<std::string> functions;
  bool locks_only = true;
  const bool by_memory = snapshot.traceback->waits != nullptr;
  for (std::size_t i = 0; i < cycle.groups.size(); ++i) {
    const auto& held = waits.groups[cycle.groups[i]];
    const auto& wanted = waits.groups[cycle.groups[(i + 1) % cycle.groups.size()]];
    const auto& holder = goroutines[held.holder];
    locks_only = locks_only && held.is_lock;
    const auto words = [](const analyze::WaitGroupOf& group) {
      if (group.object != nullptr) return object_words(*group.object);
      return group.address ? fmt::format("the lock {:#x}", *group.address)
                           : fmt::format("the lock of the value {:#x}", group.value.value_or(0));
    };
    finding.evidence.push_back({.text = fmt::format("goroutine {} {} {} and waits for {} in {}", holder.id,
                                                    held.is_lock ? "has" : "owes a Done to", words(held), words(wanted),
                                                    at(symbols, *wanted.place)),
                                .path = snapshot.evidence->path,
                                .line = holder.log_line,
                                .goroutine = holder.id});
    std::string function = model::short_function(symbols.text(wanted.place->function));
    if (std::ranges::find(functions, function) == functions.end()) functions.push_back(std::move(function));
  }
  const bool alone = cycle.groups.size() == 1;
  finding.title =
      !locks_only ? fmt::format("Deadlock in a living process: {} wait for locks and for each other's Done in {}",
                                counted(cycle.groups.size(), "goroutine"), join(functions, ", "))
      : alone     ? fmt::format("Deadlock in a living process: a goroutine waits in {} for a lock it has", functions[0])
                  : fmt::format("Lock-order deadlock in a living process: {} want each other's locks in {}",
                                counted(cycle.groups.size(), "goroutine"), join(functions, ", "));
  finding.why =
      "Each of these waits for a lock that the next one has, and the last for one of the first, so none can go on. The "
      "runtime keeps silent as long as any other goroutine runs. Who has a lock is inferred: it alone is past the code "
      "that takes it. Whoever else needs these locks joins the queue.";
  if (by_memory)
    finding.why =
        "The memory of the process shows the ring: each of these waits for what the next one has, and the last for "
        "something of the first, so none can go on. Go records no owner of a lock; one has it here that has deferred "
        "its Unlock, or returns to code that unlocks it without locking it first. The runtime keeps silent as long as "
        "any other goroutine runs, and whoever else needs these locks joins the queue.";
  finding.confirm = "A second dump shows the same goroutines at the same lines.";
  finding.fix =
      alone ? "Split the method into one that locks and one that expects the lock to be held."
            : "Take the locks in one fixed order everywhere (by address, by id, by level), or hold one lock over both.";
  finding.next = fmt::format("gopsy goroutines {}", shell_word(snapshot.evidence->path));
  return finding;
}

constexpr std::size_t kCyclesTold = 3;

void run(Inquiry& inquiry, std::vector<Finding>& findings) {
  run_deadlock_rule<analyze::DeadlockKind::LockOrder, explain>(inquiry, findings);
  const auto& all = inquiry.wait_groups();
  for (std::size_t s = 0; s < all.size(); ++s) {
    const auto& snapshot = inquiry.snapshots()[s];
    // What the runtime reported is explained above, or by a finer rule.
    if (snapshot.all_asleep) continue;
    for (std::size_t c = 0; c < std::min(all[s].cycles.size(), kCyclesTold); ++c)
      findings.push_back(explain_living(snapshot, all[s], all[s].cycles[c], inquiry.incident.symbols));
  }
}

}  // namespace

constinit const Rule kLockOrder{
    .id = "deadlock.lock-order",
    .severity = Severity::Critical,
    .summary = "goroutines hold and want each other's locks: the cycle",
    .run = run,
};

}  // namespace gopsy::rules
