#include "rules/catalog.h"
#include "rules/explain.h"

namespace gopsy::rules {
namespace {

bool explain(const Crash& crash, Finding& finding) {
  finding.title = fmt::format("Send on a closed channel in {}", place_of(crash));
  finding.why =
      "Somebody closed the channel while this goroutine still had something to send (or was blocked in the send: close "
      "wakes blocked senders into this panic). Several senders with one of them closing, or a receiver that closes on "
      "a timeout, are the usual shapes.";
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
