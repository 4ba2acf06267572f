#include "rules/catalog.h"
#include "rules/leak/words.h"

namespace gopsy::rules {
namespace {

void run(Inquiry& inquiry, std::vector<Finding>& findings) {
  run_leak_rule(
      inquiry, LeakKind::Sleep,
      {.waits = "for a timer in {}, and nothing stops the loop",
       .why = "A loop around time.Sleep or a ticker ends only if it looks at something else between two rounds. "
              "No leak detector sees these: a timer is always about to fire.",
       .fix = "Give the loop an end: `select { case <-t.C: case <-ctx.Done(): return }` with `defer t.Stop()`, "
              "and a ctx of the one who starts it; or start it once for the process, not once a call."},
      findings);
}

}  // namespace

constinit const Rule kTicker{
    .id = "leak.ticker",
    .severity = Severity::Warning,
    .summary = "loops on a ticker or timer without a stop",
    .run = run,
};

}  // namespace gopsy::rules
