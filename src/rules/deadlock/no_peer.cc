#include "rules/catalog.h"
#include "rules/deadlock/deadlock_rule.h"

namespace gopsy::rules {
namespace {

void explain(const Crash& crash, const analyze::Deadlock& deadlock, Finding& finding) {
  const auto& first = deadlock.culprits.front();
  finding.confidence = 0.9;
  finding.title = fmt::format("Nobody is left to end a {} in {}", words_of(first.wait.kind),
                              waiting_functions(crash, deadlock.culprits));
  finding.why = fmt::format(
      "{} in channel operations or Cond.Wait, and no goroutine runs that could be the other side: it ended, was never "
      "started, or waits here too.",
      deadlock.culprits.size() == 1 ? std::string("One goroutine waits")
                                    : fmt::format("{} goroutines wait", deadlock.culprits.size()));
  finding.confirm =
      "Find the other side of the named channel (or the Signal of the Cond): confirmed if every path to it has ended "
      "or is not reached.";
  finding.fix =
      "Start the partner before the operation, close the channel when no more values come, signal under the lock after "
      "changing the condition, or add a ctx.Done() arm.";
}

}  // namespace

constinit const Rule kNoPeer = deadlock_rule<analyze::DeadlockKind::NoPeer, explain>(
    "deadlock.no-peer", "a channel operation or Cond.Wait has no partner left");

}  // namespace gopsy::rules
