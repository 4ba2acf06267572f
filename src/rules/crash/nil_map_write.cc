#include "rules/catalog.h"
#include "rules/explain.h"

namespace gopsy::rules {
namespace {

bool explain(const Crash& crash, Finding& finding) {
  finding.title = fmt::format("Write to a nil map in {}", place_of(crash));
  finding.why =
      "Reading a nil map works, writing does not: the map variable or field was declared and never made. Typical ways: "
      "a zero-value struct, `var m map[K]V`, a JSON null decoded over a map, an inner map of a map of maps.";
  finding.confirm = "Confirmed if no path from the constructor to the named line assigns the map.";
  finding.fix =
      "Make the map where its owner is constructed (`m: make(map[K]V)`), and for inner maps before the first write of "
      "each key.";
  return true;
}

}  // namespace

constinit const Rule kNilMapWrite = crash_rule<CrashKind::NilMapWrite, explain>(
    "crash.nil-map-write", Severity::Critical, "assignment to an entry of a nil map");

}  // namespace gopsy::rules
