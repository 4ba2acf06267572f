#pragma once

#include "analyze/deadlock.h"
#include "model/wait_facts.h"
#include "rules/explain.h"

namespace gopsy::rules {

/// A finding about a deadlock that the runtime reported, with the culprits as evidence.
Finding about(const Crash& crash, const analyze::Deadlock& deadlock, double confidence);

/// How one is taken for the holder of a lock, or for a worker that owes its Done: "has deferred its Unlock in main.F".
std::string hold_words(const model::Traceback& traceback, const model::LockHold& hold, const model::WaitObject& object,
                       const model::Symbols& symbols);

/// "the Mutex 0xc000012340".
std::string object_words(const model::WaitObject& object);

/// "main.worker" and the like: the functions in which the culprits wait, each once.
std::string waiting_functions(const Crash& crash, const std::vector<analyze::Sleeper>& sleepers);

/// The body of every rule that explains one kind of reported deadlock.
template <analyze::DeadlockKind kKind, void (*explain)(const Crash&, const analyze::Deadlock&, Finding&)>
void run_deadlock_rule(Inquiry& inquiry, std::vector<Finding>& findings) {
  for (const Crash& crash : inquiry.crashes) {
    if (crash.kind != CrashKind::Deadlock) continue;
    const analyze::Deadlock& deadlock = inquiry.deadlock_of(crash);
    if (deadlock.kind != kKind) continue;
    Finding finding = about(crash, deadlock, 0.9);
    explain(crash, deadlock, finding);
    findings.push_back(std::move(finding));
  }
}

template <analyze::DeadlockKind kKind, void (*explain)(const Crash&, const analyze::Deadlock&, Finding&)>
constexpr Rule deadlock_rule(std::string_view id, std::string_view summary) {
  return {.id = id, .severity = Severity::Critical, .summary = summary, .run = run_deadlock_rule<kKind, explain>};
}

}  // namespace gopsy::rules
