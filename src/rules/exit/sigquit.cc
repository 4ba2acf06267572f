#include <algorithm>

#include "rules/catalog.h"
#include "rules/explain.h"

namespace gopsy::rules {
namespace {

// GOTRACEBACK=crash prints the g0 of every thread as well: those are no goroutines of the program.
std::size_t goroutines_of_program(const Crash& crash) {
  return static_cast<std::size_t>(
      std::ranges::count_if(crash.traceback->goroutines, [](const auto& goroutine) { return !goroutine.system; }));
}

bool explain(const Crash& crash, Finding& finding) {
  finding.title = fmt::format("Someone asked for a dump with SIGQUIT: {} printed",
                              counted(goroutines_of_program(crash), "goroutine"));
  finding.why = crash.traceback->signal->code == 0
                    ? "sigcode 0 means that another process sent it: kill -QUIT, Ctrl-\\ on a terminal, a liveness "
                      "probe, or `timeout -s QUIT`. The process did not fail by itself; it was probably hanging."
                    : "The process signalled itself. It did not fail; it was asked for its stacks.";
  finding.confirm = "Read the goroutines as those of a hang: other findings on this log say who waits for whom.";
  finding.fix =
      "If a supervisor does it on a timeout, look at what the goroutines wait for; two dumps half a minute apart tell "
      "a hang from slow work.";
  return true;
}

}  // namespace

constinit const Rule kSigquit = crash_rule<CrashKind::Sigquit, explain>(
    "exit.sigquit", Severity::Info, "someone asked for a dump: read the rest as a hang");

}  // namespace gopsy::rules
