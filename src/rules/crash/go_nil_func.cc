#include "rules/catalog.h"
#include "rules/explain.h"

namespace gopsy::rules {
namespace {

bool explain(const Crash& crash, Finding& finding) {
  finding.title = fmt::format("`go` of a nil func value in {}", place_of(crash));
  finding.why =
      "The func value in a go statement was nil: an optional callback that was not set, or a table entry that is "
      "missing. The runtime ends the process; no recover can catch it.";
  finding.confirm = "Confirmed if the named go statement calls a variable, field or map entry.";
  finding.fix = "Check the func before the go statement, or set a no-op as the default.";
  return true;
}

}  // namespace

constinit const Rule kGoNilFunc =
    crash_rule<CrashKind::GoNilFunc, explain>("crash.go-nil-func", Severity::Critical, "go of a nil func value");

}  // namespace gopsy::rules
