#include "rules/catalog.h"
#include "rules/explain.h"

namespace gopsy::rules {
namespace {

bool explain(const Crash& crash, Finding& finding) {
  finding.title = fmt::format("A Go pointer rule of cgo was broken in {}", place_of(crash));
  finding.why = fmt::format(
      "{}: memory handed to C may not itself hold pointers to Go memory that is not pinned, since the collector may "
      "move or free what C cannot see.",
      crash.text);
  finding.confirm =
      "Confirmed if the argument of the C call on the named line is, or points to, a Go struct, slice or string with "
      "pointers inside.";
  finding.fix =
      "Copy the data into C memory (C.malloc, C.CString), pass a runtime/cgo.Handle instead of the pointer, or pin "
      "what it points to with runtime.Pinner (Go 1.21).";
  return true;
}

}  // namespace

constinit const Rule kCgoPointer = crash_rule<CrashKind::CgoPointer, explain>("crash.cgo-pointer", Severity::Critical,
                                                                              "a Go pointer rule of cgo was broken");

}  // namespace gopsy::rules
