#include "rules/catalog.h"
#include "rules/deadlock/deadlock_rule.h"

namespace gopsy::rules {
namespace {

void explain(const Crash& crash, const analyze::Deadlock& deadlock, Finding& finding) {
  std::vector<analyze::Sleeper> workers;
  for (const auto& sleeper : deadlock.culprits)
    if (sleeper.wait.kind != model::WaitKind::WaitGroupWait) workers.push_back(sleeper);
  if (workers.empty()) {
    finding.confidence = 0.85;
    finding.title = fmt::format("{} waits for workers that are gone", waiting_functions(crash, deadlock.culprits));
    finding.why =
        "A WaitGroup is waited for, and no other goroutine is left that could call Done: one ended without it (an "
        "early return or a recovered panic before Done), or Add counted more than were started.";
    finding.fix =
        "Make `defer wg.Done()` the first statement of each worker, with one Add before each go statement; or use "
        "WaitGroup.Go (Go 1.25).";
  } else {
    finding.confidence = 0.92;
    finding.title = fmt::format("A WaitGroup waits for {} that wait themselves in {}",
                                counted(workers.size(), "worker"), waiting_functions(crash, workers));
    finding.why = fmt::format(
        "Wait returns when the workers call Done, and the workers sit in a {}: they range over a channel that nobody "
        "closes, or send to one that nobody reads while the reader is in Wait.",
        words_of(workers.front().wait.kind));
    finding.fix =
        "Close the work channel once all work is sent and before Wait; read results while the workers run, or give the "
        "result channel room for all of them.";
  }
  finding.confirm = "Confirmed if no path closes (or reads) the channel of the named frames before the Wait.";
}

}  // namespace

constinit const Rule kWaitingForWorkers = deadlock_rule<analyze::DeadlockKind::WaitingForWorkers, explain>(
    "deadlock.waiting-for-workers", "WaitGroup or channel waits for workers that wait for a close or are gone");

}  // namespace gopsy::rules
