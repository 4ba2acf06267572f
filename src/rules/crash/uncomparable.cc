#include <algorithm>

#include "rules/catalog.h"
#include "rules/explain.h"

namespace gopsy::rules {
namespace {

bool explain(const Crash& crash, Finding& finding) {
  const bool hashed = crash.text.contains("unhashable");
  const std::string_view type = crash.text.substr(std::min(crash.text.rfind(" type ") + 6, crash.text.size()));
  finding.title = fmt::format("{} a value of type {} in {}", hashed ? "Hashing" : "Comparing", type, place_of(crash));
  finding.why = fmt::format(
      "The static type was an interface, so the compiler could not refuse it; the dynamic type {} has no equality (it "
      "is or contains a slice, map or func){}.",
      type, hashed ? ", and was used as a map key" : "");
  finding.confirm =
      "Confirmed if an interface (any, error) is compared with == or used as a map key on the named line.";
  finding.fix =
      "Compare with errors.Is, reflect.DeepEqual, slices.Equal or a key made of comparable parts; make error types "
      "pointers or comparable structs.";
  return true;
}

}  // namespace

constinit const Rule kUncomparable = crash_rule<CrashKind::Uncomparable, explain>(
    "crash.uncomparable", Severity::Critical, "comparing or hashing a value of an uncomparable dynamic type");

}  // namespace gopsy::rules
