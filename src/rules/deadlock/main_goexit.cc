#include "rules/catalog.h"
#include "rules/explain.h"

namespace gopsy::rules {
namespace {

bool explain(const Crash&, Finding& finding) {
  finding.title = "main called runtime.Goexit and nothing else could end the program";
  finding.why =
      "Goexit ends its goroutine without returning from main, so the process goes on until the others are done; there "
      "were none left that could run.";
  finding.confirm =
      "A call of runtime.Goexit on the main goroutine, often through t.FailNow, t.Fatal or a copied test helper used "
      "outside a test.";
  finding.fix = "Return from main, or call os.Exit once the deferred work is done.";
  finding.next = "grep -rn 'Goexit\\|FailNow' --include='*.go' .";
  return true;
}

}  // namespace

constinit const Rule kMainGoexit = crash_rule<CrashKind::MainGoexit, explain>(
    "deadlock.main-goexit", Severity::Critical, "main called runtime.Goexit and nothing else can end the program");

}  // namespace gopsy::rules
