#include "rules/catalog.h"
#include "rules/explain.h"

namespace gopsy::rules {
namespace {

bool explain(const Crash& crash, Finding& finding) {
  finding.title = fmt::format("Another process sent {}", crash.name(crash.traceback->signal->name));
  finding.why =
      "The signal's code is 0 (SI_USER): it was sent with kill(2), not raised by a fault of this program. Where the "
      "goroutine stood at that moment says nothing.";
  finding.confirm = "The sender's own log, auditd, or a supervisor's event at the same time.";
  finding.fix =
      "Find who sends it: a supervisor, a test, a script with the wrong pid. The program itself shows no fault.";
  finding.next = "ausearch -m OBJ_PID -ts recent   # or the supervisor's journal";
  return true;
}

}  // namespace

constinit const Rule kExternalSignal = crash_rule<CrashKind::ExternalSignal, explain>(
    "crash.external-signal", Severity::Critical, "a fatal signal that another process sent");

}  // namespace gopsy::rules
