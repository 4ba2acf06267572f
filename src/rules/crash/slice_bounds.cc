#include "rules/catalog.h"
#include "rules/explain.h"

namespace gopsy::rules {
namespace {

bool explain(const Crash& crash, Finding& finding) {
  std::string_view detail = crash.text;
  consume(detail, "runtime error: ");
  finding.title = fmt::format(
      "{} in {}", detail.starts_with("cannot convert") ? "Slice too short for the array" : "Slice bounds out of range",
      place_of(crash));
  if (detail.starts_with("cannot convert")) {
    finding.why = fmt::format("A slice converts to an array only if it is at least as long: {}.", detail);
  } else if (detail.contains("with capacity")) {
    finding.why = fmt::format(
        "A bound lies past the capacity: {}. The slice is shorter than the code assumes; a length read from input and "
        "used unchecked does this.",
        detail);
  } else if (detail.contains("with length")) {
    finding.why =
        fmt::format("A bound lies past the length: {}. The text or array is shorter than the code assumes.", detail);
  } else {
    finding.why = fmt::format(
        "The lower bound is above the upper one: {}. A subtraction that went below zero, or two positions in the wrong "
        "order.",
        detail);
  }
  finding.confirm =
      "Confirmed if the bounds on the named line come from input, a header or a search, and nothing compares them to "
      "len before.";
  finding.fix = "Validate lengths before slicing, in the order low <= high <= cap, at the place where the data enters.";
  return true;
}

}  // namespace

constinit const Rule kSliceBounds = crash_rule<CrashKind::SliceBounds, explain>(
    "crash.slice-bounds", Severity::Critical, "slice bounds or slice-to-array conversion out of range");

}  // namespace gopsy::rules
