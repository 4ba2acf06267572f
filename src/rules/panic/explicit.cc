#include "rules/catalog.h"
#include "rules/explain.h"

namespace gopsy::rules {
namespace {

// A chain of panics that were not recovered is told by panic.in-deferred, oldest first.
bool is_nested_chain(const model::Traceback& traceback) {
  return traceback.panics.size() > 1 && !traceback.panics.front().recovered;
}

bool explain(const Crash& crash, Finding& finding) {
  if (is_nested_chain(*crash.traceback)) return false;
  finding.title = fmt::format("panic: {} — raised in {}", one_line(crash.text, 120), place_of(crash));
  finding.confidence = 0.95;
  finding.why = "The program itself called panic with this value; no text of the runtime matches it. ";
  if (crash.text.starts_with('(') && crash.text.contains(") 0x"))
    finding.why +=
        "The runtime prints only type and address of such a value: panic with an error or a string to see its "
        "content. ";
  finding.why +=
      crash.traceback->panics.front().recovered
          ? "A deferred call recovered it and panicked again: see panic.hidden-by-repanic."
          : "No deferred call on this goroutine's stack recovered it, so the process ended: exit code 2, or SIGABRT "
            "under GOTRACEBACK=crash.";
  finding.confirm =
      "The named line holds the call of panic (or of a Must function, log.Panic, or a library that panics on misuse).";
  finding.fix =
      "Return an error where the condition can happen in production; keep panic for broken invariants, and recover at "
      "the top of each goroutine that must not take the process with it.";
  return true;
}

}  // namespace

constinit const Rule kExplicitPanic = crash_rule<CrashKind::ExplicitPanic, explain>(
    "panic.explicit", Severity::Critical,
    "the program called panic: the value decoded, the frame, who recovered or did not");

}  // namespace gopsy::rules
