#include "rules/catalog.h"
#include "rules/explain.h"

namespace gopsy::rules {
namespace {

bool explain(const Crash& crash, Finding& finding) {
  finding.title = fmt::format("WaitGroup misused in {}: {}", place_of(crash), crash.text);
  finding.why =
      "An Add from zero ran at the same time as Wait, or the WaitGroup was used again before an earlier Wait had "
      "returned. An Add inside the goroutine that it announces is the usual shape.";
  finding.confirm = "The race detector reports it as a race between WaitGroup.Add and WaitGroup.Wait.";
  finding.fix =
      "Call Add before the go statement, on the goroutine that later calls Wait (or use WaitGroup.Go, Go 1.25); a "
      "fresh WaitGroup for each round.";
  finding.next = "go test -race ./...";
  return true;
}

}  // namespace

constinit const Rule kWaitGroupReuse = crash_rule<CrashKind::WaitGroupReuse, explain>(
    "crash.waitgroup-reuse", Severity::Critical, "Add concurrent with Wait, or reuse before Wait returned");

}  // namespace gopsy::rules
