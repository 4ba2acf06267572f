#include "rules/catalog.h"
#include "rules/explain.h"

namespace gopsy::rules {
namespace {

bool explain(const Crash& crash, Finding& finding) {
  finding.title = fmt::format("The runtime found a bad pointer: {}", shorten(crash.text, 120));
  finding.why =
      "A word that must be a pointer is none: an integer kept in an unsafe.Pointer, a uintptr converted back too late, "
      "memory of C freed while Go still points to it, or a data race that tore a slice, string or interface in two.";
  finding.confirm =
      "Run with -race and with -gcflags=all=-d=checkptr: both stop where the pointer is made, not where the collector "
      "meets it.";
  finding.fix =
      "Keep to the six patterns of the unsafe package's documentation; convert uintptr to Pointer in the same "
      "expression; synchronise the racing writes.";
  finding.next = "go test -race -gcflags=all=-d=checkptr ./...";
  return true;
}

}  // namespace

constinit const Rule kBadPointer = crash_rule<CrashKind::BadPointer, explain>(
    "crash.bad-pointer", Severity::Critical, "the garbage collector found a bad pointer");

}  // namespace gopsy::rules
