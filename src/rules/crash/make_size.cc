#include "rules/catalog.h"
#include "rules/explain.h"

namespace gopsy::rules {
namespace {

bool explain(const Crash& crash, Finding& finding) {
  finding.title = fmt::format("Impossible size in {}: {}", place_of(crash), crash.text);
  finding.why =
      "A length or capacity was negative or larger than the address space. Lengths read from the network or a file and "
      "used before they are checked do this, and so does an overflowing multiplication.";
  finding.confirm =
      "Confirmed if the size on the named line comes from input. If it does, a smaller hostile value can exhaust "
      "memory instead of panicking.";
  finding.fix =
      "Check the length against a limit of your own before allocating; grow while reading instead of trusting a "
      "header.";
  return true;
}

}  // namespace

constinit const Rule kMakeSize = crash_rule<CrashKind::MakeSize, explain>("crash.make-size", Severity::Critical,
                                                                          "make() with a negative or huge size");

}  // namespace gopsy::rules
