#include "rules/catalog.h"
#include "rules/explain.h"

namespace gopsy::rules {
namespace {

bool explain(const Crash& crash, Finding& finding) {
  std::string_view detail = crash.text;
  consume(detail, "interface conversion: ");
  finding.title = fmt::format("Type assertion failed in {}: {}", place_of(crash), shorten(detail, 120));
  if (detail.contains(": missing method ")) {
    finding.why =
        "The value's type lacks a method of the interface it was asserted to: a pointer-receiver method on a value, a "
        "changed signature, or the wrong value.";
  } else if (detail.contains(" is nil")) {
    finding.why = "The interface was nil: a context value, map entry or optional field that nobody set.";
  } else {
    finding.why =
        "The interface held another dynamic type than the code expects; numbers decoded from JSON as float64 and "
        "pointers against values are the usual pairs.";
  }
  finding.confirm = "Confirmed if the named line asserts without the second result.";
  finding.fix = "Use the two-value form `v, ok := x.(T)` and handle !ok, or a type switch with a default.";
  return true;
}

}  // namespace

constinit const Rule kTypeAssertion = crash_rule<CrashKind::TypeAssertion, explain>(
    "crash.type-assertion", Severity::Critical, "an interface held another type, nil, or lacked a method");

}  // namespace gopsy::rules
