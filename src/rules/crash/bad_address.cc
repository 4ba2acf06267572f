#include "rules/catalog.h"
#include "rules/explain.h"

namespace gopsy::rules {
namespace {

bool explain(const Crash& crash, Finding& finding) {
  const auto& signal = crash.traceback->signal;
  const std::uint64_t address = signal ? signal->address.value_or(0) : 0;
  // SI_KERNEL (0x80) with address 0 is how the CPU's general protection fault arrives on amd64.
  const bool non_canonical = signal && signal->code == 0x80 && address == 0;
  finding.title = non_canonical
                      ? fmt::format("Fault at a non-canonical address in {}", place_of(crash))
                      : fmt::format("Fault at {:#x}, which is neither nil nor mapped, in {}", address, place_of(crash));
  finding.why = non_canonical
                    ? "The kernel reports code 0x80 without an address: the pointer had bits that no address on this "
                      "machine can have. Safe Go cannot make such a pointer."
                    : "The address is above the first page, so it is no nil pointer, and nothing is mapped there. Safe "
                      "Go cannot make such a pointer; it comes from unsafe, cgo, a slice of memory that was unmapped, "
                      "or corruption (a data race on a string, slice or interface header does it too).";
  if (crash.traceback->cause == model::Cause::Panic)
    finding.why +=
        " It came as a panic because debug.SetPanicOnFault was on; the text says nil, the address says otherwise.";
  finding.confirm =
      "Confirmed if the frame uses unsafe.Pointer, mmap or cgo; run the tests with -race and -gcflags=all=-d=checkptr "
      "to tell the causes apart.";
  finding.fix =
      "Follow the pointer back to where it was made from an integer or from C; keep the memory mapped and referenced "
      "as long as it is used.";
  finding.next = "go test -race -gcflags=all=-d=checkptr ./...";
  return true;
}

}  // namespace

constinit const Rule kBadAddress = crash_rule<CrashKind::BadAddress, explain>(
    "crash.bad-address", Severity::Critical,
    "a fault at an address that is neither nil nor mapped: unsafe, cgo or corruption");

}  // namespace gopsy::rules
