#include "rules/catalog.h"
#include "rules/explain.h"

namespace gopsy::rules {
namespace {

bool explain(const Crash& crash, Finding& finding) {
  finding.title = fmt::format("Integer division by zero in {}", place_of(crash));
  finding.why = "The divisor of a / or % on the named line was 0. (Floating-point division does not panic.)";
  finding.confirm = "Confirmed if the divisor is a count, a length or a configured value that can be 0.";
  finding.fix = "Decide what the result is for an empty or unset divisor, and return that before dividing.";
  return true;
}

}  // namespace

constinit const Rule kDivideByZero = crash_rule<CrashKind::DivideByZero, explain>(
    "crash.divide-by-zero", Severity::Critical, "integer division by zero");

}  // namespace gopsy::rules
