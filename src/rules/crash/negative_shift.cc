#include "rules/catalog.h"
#include "rules/explain.h"

namespace gopsy::rules {
namespace {

bool explain(const Crash& crash, Finding& finding) {
  finding.title = fmt::format("Shift by a negative amount in {}", place_of(crash));
  finding.why =
      "Since Go 1.13 a shift count may be signed, and a negative one panics at run time. A difference that went below "
      "zero is the usual source.";
  finding.confirm = "Confirmed if the count on the named line has a signed type and is computed.";
  finding.fix = "Make the count unsigned where it is computed, or check it before shifting.";
  return true;
}

}  // namespace

constinit const Rule kNegativeShift = crash_rule<CrashKind::NegativeShift, explain>(
    "crash.negative-shift", Severity::Critical, "a shift by a negative amount");

}  // namespace gopsy::rules
