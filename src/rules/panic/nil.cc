#include "rules/catalog.h"
#include "rules/explain.h"

namespace gopsy::rules {
namespace {

bool explain(const Crash& crash, Finding& finding) {
  finding.title = fmt::format("panic(nil) in {}", place_of(crash));
  finding.why =
      "The value given to panic was nil. Since Go 1.21 the runtime turns it into a PanicNilError, so that recover no "
      "longer returns nil for it; before, a recover could not tell it from no panic.";
  finding.confirm = "Confirmed if the named line panics with a variable (`panic(err)`) that can be nil.";
  finding.fix = "Check the error before panicking with it: `if err != nil { panic(err) }`.";
  return true;
}

}  // namespace

constinit const Rule kNilPanic =
    crash_rule<CrashKind::NilPanic, explain>("panic.nil", Severity::Critical, "panic(nil)");

}  // namespace gopsy::rules
