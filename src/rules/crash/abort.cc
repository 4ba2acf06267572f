#include "rules/catalog.h"
#include "rules/explain.h"

namespace gopsy::rules {
namespace {

constexpr std::int64_t kByItself = -6;  // SI_TKILL: abort() and raise() send to their own thread

bool explain(const Crash& crash, Finding& finding) {
  const std::int64_t code = crash.traceback->signal->code;
  const bool by_itself = code == kByItself;
  finding.title = by_itself
                      ? fmt::format("abort() was called{}",
                                    crash.user == nullptr ? std::string()
                                                          : fmt::format(" below {}", at(*crash.symbols, *crash.user)))
                      : "SIGABRT was sent from outside";
  finding.why = by_itself ? "sigcode -6 (printed unsigned as 18446744073709551610) means that the process signalled "
                            "itself: a call of abort in C code, an assertion, or a failed check of a C++ runtime."
                          : fmt::format(
                                "sigcode {} means that another process or kill(2) sent it: a watchdog (systemd's "
                                "WatchdogSec sends SIGABRT), a supervisor, or an operator who wanted a dump.",
                                code);
  finding.confirm = by_itself ? "Lines above the header, where a C library writes its last words, name the check."
                              : "The supervisor's log at that time names the sender.";
  finding.fix =
      by_itself
          ? "Open a core in gdb to see the C frames that called abort."
          : "Read the rest of the log as a hang: what was every goroutine waiting for when the watchdog lost patience?";
  finding.next = by_itself ? "gdb PROGRAM CORE -ex bt"
                           : fmt::format("gopsy flame {} -o stacks.svg", shell_word(crash.evidence->path));
  return true;
}

}  // namespace

constinit const Rule kAbort = crash_rule<CrashKind::Abort, explain>(
    "crash.abort", Severity::Critical, "SIGABRT: by the program or by someone else, told apart by the sigcode");

}  // namespace gopsy::rules
