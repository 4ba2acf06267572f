#include "rules/catalog.h"
#include "rules/leak/words.h"

namespace gopsy::rules {
namespace {

void run(Inquiry& inquiry, std::vector<Finding>& findings) {
  run_leak_rule(
      inquiry, LeakKind::Context,
      {.waits = "for a context that is never cancelled, in {}",
       .why = "Package context starts this goroutine when a context is derived from a parent whose type is not "
              "its own (an own Context, with an own Done); it ends when the parent or the child is done. The "
              "goroutine that derived the child has ended without a call of cancel.",
       .fix = "Call the cancel function on every path: `ctx, cancel := context.WithCancel(parent); defer "
              "cancel()`. go vet (lostcancel) finds those that are dropped; a parent of context's own type "
              "needs no goroutine at all."},
      findings);
}

}  // namespace

constinit const Rule kForgottenCancel{
    .id = "leak.forgotten-cancel",
    .severity = Severity::Warning,
    .summary = "contexts never cancelled",
    .run = run,
};

}  // namespace gopsy::rules
