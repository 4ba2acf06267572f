#include "rules/catalog.h"
#include "rules/leak/words.h"

namespace gopsy::rules {
namespace {

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
}

}  // namespace

constinit const Rule kWaitGroupLostDone{
    .id = "leak.waitgroup-lost-done",
    .severity = Severity::Warning,
    .summary = "Wait without workers left to call Done",
    .run = run,
};

}  // namespace gopsy::rules
