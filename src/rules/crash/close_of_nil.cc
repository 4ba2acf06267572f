#include "rules/catalog.h"
#include "rules/explain.h"

namespace gopsy::rules {
namespace {

bool explain(const Crash& crash, Finding& finding) {
  finding.title = fmt::format("A nil channel closed in {}", place_of(crash));
  finding.why =
      "The channel variable or field was never made. Sends and receives on it would have blocked for ever; only close "
      "panics.";
  finding.confirm = "Confirmed if a path reaches the close without the make, such as Stop before Start.";
  finding.fix = "Make the channel in the constructor, or guard the close.";
  return true;
}

}  // namespace

constinit const Rule kCloseOfNil =
    crash_rule<CrashKind::CloseOfNil, explain>("crash.close-of-nil", Severity::Critical, "a nil channel closed");

}  // namespace gopsy::rules
