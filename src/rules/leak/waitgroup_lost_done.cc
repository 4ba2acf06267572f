#include "rules/catalog.h"
#include "rules/leak/words.h"

namespace gopsy::rules {
namespace {

constexpr std::size_t kMostTold = 10;

void run(Inquiry& inquiry, std::vector<Finding>& findings) {
  run_leak_rule(
      inquiry, LeakKind::WaitGroup,
      {.waits = "for a WaitGroup in {}, and no worker is left that can call Done",
       .why =
           "Either a worker ended without Done (an early return, a panic that was recovered before it), or "
           "Add was called more often than workers were started, or the workers wait themselves: those of an errgroup "
           "in a send to a reader that returned with the first error and left their context unasked.",
       .fix = "Make `defer wg.Done()` the first line of the worker, and Add stand right before the go "
              "statement; since Go 1.25 `wg.Go(f)` does both. If workers are listed among the leaked ones "
              "too, end those first: `select { case out <- v: case <-gctx.Done(): return gctx.Err() }`."},
      findings);
  // What memory shows: the count is not zero, and no stack has to do with it.
  const auto& all = inquiry.wait_groups();
  for (std::size_t s = 0; s < all.size(); ++s) {
    const auto& snapshot = inquiry.snapshots()[s];
    if (snapshot.all_asleep) continue;
    std::size_t told = 0;
    for (const auto& group : all[s].groups) {
      if (!group.orphan || group.is_lock || ++told > kMostTold) continue;
      const auto& first = snapshot.traceback->goroutines[group.waiters[0]];
      Finding finding{.confidence = group.orphan_confidence};
      finding.title = fmt::format("{} for a WaitGroup in {}, and no worker is left that can call Done",
                                  counted(group.waiters.size(), "goroutine waits", "goroutines wait"),
                                  at(inquiry.incident.symbols, *group.place));
      finding.evidence.push_back(
          {.text = fmt::format("the WaitGroup {:#x} still counts {}", group.object->address, group.object->outstanding),
           .path = snapshot.evidence->path,
           .line = first.log_line,
           .goroutine = first.id});
      finding.why =
          "By the memory of the process no goroutine has deferred its Done, and none returns to code that comes to "
          "one. "
          "Either a worker ended without Done (an early return, a panic that was recovered before it), or Add was "
          "called "
          "more often than workers were started.";
      finding.confirm = "Read the process again: the count stays. Refuted if Done is called through a function value.";
      finding.fix =
          "Make `defer wg.Done()` the first line of the worker, and Add stand right before the go statement; since Go "
          "1.25 `wg.Go(f)` does both.";
      finding.next =
          fmt::format("gopsy goroutines {} --filter 'id == {}' --full", shell_word(snapshot.evidence->path), first.id);
      findings.push_back(std::move(finding));
    }
  }
}

}  // namespace

constinit const Rule kWaitGroupLostDone{
    .id = "leak.waitgroup-lost-done",
    .severity = Severity::Warning,
    .summary = "Wait without workers left to call Done",
    .run = run,
};

}  // namespace gopsy::rules
