#include "rules/catalog.h"
#include "rules/explain.h"

namespace gopsy::rules {
namespace {

// Crashes in which another goroutine took part: knowing it is half the diagnosis.
bool has_second_party(CrashKind kind) {
  switch (kind) {
    case CrashKind::ConcurrentMap:
    case CrashKind::UnlockOfUnlocked:
    case CrashKind::SendOnClosed:
    case CrashKind::CloseOfClosed:
    case CrashKind::WaitGroupReuse:
    case CrashKind::WaitGroupNegative: return true;
    default: return false;
  }
}

void run(Inquiry& inquiry, std::vector<Finding>& findings) {
  for (const Crash& crash : inquiry.crashes) {
    if (!crash.traceback->fatal_end() || crash.kind == CrashKind::MainGoexit) continue;
    const std::size_t printed = crash.traceback->goroutines.size();
    if (printed > 1 || (printed == 1 && !has_second_party(crash.kind))) continue;
    Finding finding = about(crash, 0.9);
    finding.title = printed == 0
                        ? "The crash was printed without any stack"
                        : "Only the crashing goroutine was printed; this kind of crash often has a second party";
    finding.why = printed == 0 ? "The header is there and no goroutine follows: GOTRACEBACK=none (or 0), a setuid "
                                 "program, or a log that lost the rest."
                               : "GOTRACEBACK=single, the default, prints the goroutine that crashed and no other";
    if (printed != 0)
      finding.why += crash.traceback->cause == model::Cause::Panic
                         ? ". Who closed the channel or called Done first can only be seen in another stack, if at all."
                         : "; up to Go 1.25 fatal errors such as this one printed all of them, since 1.26 they do not "
                           "(golang/go#68019).";
    finding.confirm = "The next crash with GOTRACEBACK=all in the environment prints every goroutine.";
    finding.fix =
        "Set GOTRACEBACK=all in the unit file or the pod, or call debug.SetTraceback(\"all\") in main; "
        "debug.SetCrashOutput keeps a copy where the log collector cannot cut it.";
    finding.next = "export GOTRACEBACK=all";
    findings.push_back(std::move(finding));
  }
}

}  // namespace

constinit const Rule kSuppressedDump{
    .id = "evidence.suppressed-dump",
    .severity = Severity::Info,
    .summary = "other goroutines were not printed: how to get them next time",
    .run = run,
};

}  // namespace gopsy::rules
