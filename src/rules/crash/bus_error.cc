#include "rules/catalog.h"
#include "rules/explain.h"

namespace gopsy::rules {
namespace {

bool explain(const Crash& crash, Finding& finding) {
  finding.title = fmt::format("Bus error in {}: a mapping without a page behind it", place_of(crash));
  finding.why =
      "SIGBUS on Linux means that the address is mapped but its page cannot be brought in: the file behind an mmap was "
      "truncated below that offset, its disk returned an error, or a huge-page or shared-memory pool ran dry.";
  finding.confirm =
      "Compare the size of the mapped file with the offset of the address in /proc/PID/maps; look for I/O errors in "
      "the kernel log.";
  finding.fix =
      "Do not let others truncate a mapped file: write a new file and rename it. Check the size before each access, or "
      "read instead of mapping. debug.SetPanicOnFault turns the crash into a panic for one goroutine.";
  finding.next = "dmesg --ctime | tail -50";
  return true;
}

}  // namespace

constinit const Rule kBusError = crash_rule<CrashKind::BusError, explain>(
    "crash.bus-error", Severity::Critical, "SIGBUS: a mapped file shrank, or a disk failed");

}  // namespace gopsy::rules
