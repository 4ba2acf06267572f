#include "rules/catalog.h"
#include "rules/explain.h"

namespace gopsy::rules {
namespace {

bool explain(const Crash& crash, Finding& finding) {
  finding.title = fmt::format(
      "A signal inside the Go runtime: {}",
      crash.traceback->signal ? std::string(crash.name(crash.traceback->signal->name)) : std::string(crash.text));
  finding.why =
      "The fault was raised by the runtime's own code, which does not follow bad pointers unless something below it is "
      "damaged: memory overwritten through unsafe or cgo, a data race on multi-word values, a kernel or seccomp filter "
      "that denies a system call, or faulty memory.";
  finding.confirm =
      "The same crash in the same place on several machines speaks for the program; single ones on one machine speak "
      "for its hardware.";
  finding.fix =
      "Run with -race and -gcflags=all=-d=checkptr, look at unsafe and cgo first, and try the latest patch release of "
      "this Go version.";
  finding.next = "go test -race -gcflags=all=-d=checkptr ./...";
  return true;
}

}  // namespace

constinit const Rule kRuntimeSignal = crash_rule<CrashKind::RuntimeSignal, explain>(
    "crash.runtime-signal", Severity::Critical, "a signal inside the Go runtime: corruption below");

}  // namespace gopsy::rules
