#include "rules/catalog.h"
#include "rules/explain.h"

namespace gopsy::rules {
namespace {

bool explain(const Crash& crash, Finding& finding) {
  finding.title = fmt::format("A channel closed twice in {}", place_of(crash));
  finding.why =
      "The channel was closed before this close. A Stop or Close method that two paths call, or a deferred close after "
      "an explicit one, is the usual shape.";
  finding.confirm =
      "Confirmed if two calls can reach the named line for the same value, or a second close of the same channel "
      "exists.";
  finding.fix = "Give the channel one owner; where Stop may be called often, wrap the close in sync.Once.";
  return true;
}

}  // namespace

constinit const Rule kCloseOfClosed = crash_rule<CrashKind::CloseOfClosed, explain>(
    "crash.close-of-closed", Severity::Critical, "a channel closed twice");

}  // namespace gopsy::rules
