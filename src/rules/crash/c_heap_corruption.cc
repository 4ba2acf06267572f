#include "rules/catalog.h"
#include "rules/explain.h"

namespace gopsy::rules {
namespace {

std::string libc_words(const Crash& crash) {
  return crash.traceback->lead.empty() ? std::string("libc's message is missing")
                                       : std::string(crash.name(crash.traceback->lead.back().text));
}

bool explain(const Crash& crash, Finding& finding) {
  finding.title = fmt::format("The C heap is corrupt: {}", libc_words(crash));
  finding.why =
      "The C library found its own bookkeeping damaged and called abort: memory was freed twice, written past its end, "
      "or freed with a wrong pointer. The stack shows who noticed, not always who did it.";
  finding.confirm =
      "Run the program's cgo part under AddressSanitizer (go build -asan) or valgrind: both stop at the first wrong "
      "access.";
  finding.fix =
      "Give each C allocation one owner that frees it once; check sizes handed to C; beware of C.free on memory that a "
      "library owns.";
  finding.next = "go build -asan ./... && go test -asan ./...";
  return true;
}

}  // namespace

constinit const Rule kCHeapCorruption = crash_rule<CrashKind::CHeapCorruption, explain>(
    "crash.c-heap-corruption", Severity::Critical, "libc aborted: double free, overrun");

}  // namespace gopsy::rules
