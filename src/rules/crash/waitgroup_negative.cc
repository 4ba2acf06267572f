#include "rules/catalog.h"
#include "rules/explain.h"

namespace gopsy::rules {
namespace {

bool explain(const Crash& crash, Finding& finding) {
  finding.title = fmt::format("More Done than Add on a WaitGroup in {}", place_of(crash));
  finding.why =
      "The counter went below zero: Done ran more often than Add announced, for instance a deferred Done plus an "
      "explicit one on an early return, or a copy of the WaitGroup.";
  finding.confirm = "Count the Done calls on each path of the goroutine at the named line.";
  finding.fix =
      "One Add before each `go`, one deferred Done as the first statement of the goroutine; or WaitGroup.Go (Go 1.25). "
      "Pass a WaitGroup by pointer: `go vet` reports copies.";
  finding.next = "go vet ./...";
  return true;
}

}  // namespace

constinit const Rule kWaitGroupNegative = crash_rule<CrashKind::WaitGroupNegative, explain>(
    "crash.waitgroup-negative", Severity::Critical, "more Done than Add");

}  // namespace gopsy::rules
