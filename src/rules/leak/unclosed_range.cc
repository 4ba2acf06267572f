#include "rules/catalog.h"
#include "rules/leak/words.h"

namespace gopsy::rules {
namespace {

void run(Inquiry& inquiry, std::vector<Finding>& findings) {
  run_leak_rule(
      inquiry, LeakKind::Receive,
      {.waits = "to receive in {} from a channel that nobody closes",
       .why = "A `for range ch` ends only when ch is closed; a single `<-ch` also when somebody sends. Whoever "
              "made the channel has gone on without closing it: an early return, a Stop that was not called, "
              "a context that was not cancelled.",
       .fix = "Close the channel in the function that owns it: `defer close(ch)` where the last sender ends, "
              "or give the receiver a second arm: `case <-ctx.Done(): return`."},
      findings);
}

}  // namespace

constinit const Rule kUnclosedRange{
    .id = "leak.unclosed-range",
    .severity = Severity::Warning,
    .summary = "goroutines range over a channel nobody closes",
    .run = run,
};

}  // namespace gopsy::rules
