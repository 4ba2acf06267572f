#include "rules/catalog.h"
#include "rules/explain.h"

namespace gopsy::rules {
namespace {

constexpr std::size_t kOthersShown = 4;

// Others at the channel: who closes it (runtime.closechan shows at GOTRACEBACK=system), and who sends in the same
// function, which is one sender too many for one of them to close.
void add_others(const Crash& crash, Finding& finding) {
  std::size_t senders = 0;
  for (const auto& goroutine : crash.traceback->goroutines) {
    if (&goroutine == crash.goroutine || goroutine.system) continue;
    const auto frames = crash.traceback->frames_of(goroutine);
    for (std::size_t i = 0; i < frames.size(); ++i) {
      const bool closes = crash.function(frames[i]) == "runtime.closechan" && i + 1 < frames.size();
      const bool sends = crash.user != nullptr && frames[i].function == crash.user->function;
      if (!closes && !sends) continue;
      if (closes || ++senders <= kOthersShown)
        finding.evidence.push_back({.text = fmt::format("goroutine {} {} {}", goroutine.id,
                                                        closes ? "closes a channel in" : "is in the same function,",
                                                        at(*crash.symbols, closes ? frames[i + 1] : frames[i])),
                                    .path = crash.evidence->path,
                                    .line = frames[i].log_line,
                                    .goroutine = goroutine.id});
      break;
    }
  }
  if (senders != 0)
    finding.why += fmt::format(" {} in the same function here, so no single one of them may close.",
                               counted(senders, "other goroutine is", "other goroutines are"));
}

bool explain(const Crash& crash, Finding& finding) {
  finding.title = fmt::format("Send on a closed channel in {}", place_of(crash));
  finding.why =
      "Somebody closed the channel while this goroutine still had something to send (or was blocked in the send: close "
      "wakes blocked senders into this panic). Several senders with one of them closing, or a receiver that closes on "
      "a timeout, are the usual shapes.";
  add_others(crash, finding);
  finding.confirm =
      "Look for close(ch) on the same channel: it is confirmed if another goroutine than the last sender calls it. "
      "Other stacks in this log, where printed, may show the closer.";
  finding.fix =
      "Only the sending side closes, and only after all senders are done: a WaitGroup over the senders, then one "
      "close. Receivers that give up signal it through a context or a done channel instead.";
  finding.next = "go test -race ./...";
  return true;
}

}  // namespace

constinit const Rule kSendOnClosed = crash_rule<CrashKind::SendOnClosed, explain>(
    "crash.send-on-closed", Severity::Critical, "send on a closed channel: sender, and closer where it is seen");

}  // namespace gopsy::rules
