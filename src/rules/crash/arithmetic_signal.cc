#include "rules/catalog.h"
#include "rules/explain.h"

namespace gopsy::rules {
namespace {

bool explain(const Crash&, Finding& finding) {
  finding.title = "Arithmetic exception (SIGFPE) in C code";
  finding.why =
      "Go code that divides by zero panics; a SIGFPE with a signal header comes from C: an integer division by zero or "
      "INT_MIN / -1.";
  finding.confirm = "Disassemble at the pc of the signal line, or open a core in gdb.";
  finding.fix = "Check the divisor in the C function that the Go stack calls.";
  return true;
}

}  // namespace

constinit const Rule kArithmeticSignal =
    crash_rule<CrashKind::ArithmeticSignal, explain>("crash.arithmetic-signal", Severity::Critical, "SIGFPE in C code");

}  // namespace gopsy::rules
