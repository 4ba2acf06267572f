#include "rules/catalog.h"
#include "rules/explain.h"

namespace gopsy::rules {
namespace {

bool explain(const Crash& crash, Finding& finding) {
  const auto address = crash.traceback->signal->address;
  finding.title = fmt::format(
      "{} inside C code{}", crash.text,
      crash.user == nullptr ? std::string() : fmt::format(", called from {}", at(*crash.symbols, *crash.user)));
  finding.why =
      "The signal came while a goroutine was in a cgo call. Go cannot turn it into a panic, and the Go stack ends at "
      "runtime.cgocall: the fault is in the C function that it calls, or in an argument given to it.";
  if (address && *address < 4096) finding.why += " The address is in the first page: C followed a NULL pointer.";
  finding.confirm =
      "A core (GOTRACEBACK=crash, ulimit -c unlimited) opened in gdb shows the C frames at that pc; a very deep C "
      "recursion shows as a fault just below a stack.";
  finding.fix =
      "Check the arguments of the named C call (nil, lifetime, length); test the C code under AddressSanitizer.";
  finding.next = "ulimit -c unlimited; GOTRACEBACK=crash PROGRAM; gdb PROGRAM CORE -ex bt";
  return true;
}

}  // namespace

constinit const Rule kCgoSignal =
    crash_rule<CrashKind::CgoSignal, explain>("crash.cgo-signal", Severity::Critical, "a signal inside C code");

}  // namespace gopsy::rules
