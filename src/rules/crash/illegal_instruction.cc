#include "rules/catalog.h"
#include "rules/explain.h"

namespace gopsy::rules {
namespace {

bool explain(const Crash& crash, Finding& finding) {
  const std::string_view bytes = crash.name(crash.traceback->signal->instructions);
  const bool trap = bytes.starts_with("0xf 0xb") || bytes.starts_with("0xcc");
  finding.title = fmt::format(
      "Illegal instruction{}{}", trap ? " (a deliberate trap)" : "",
      crash.user == nullptr ? std::string() : fmt::format(", reached through {}", at(*crash.symbols, *crash.user)));
  finding.why = trap ? "The bytes at the program counter are ud2 or int3: a compiler's __builtin_trap, an assertion of "
                       "C or C++ code, or an undefined-behaviour check, not a wrong CPU."
                     : "The CPU did not know the instruction: a binary built for a higher level (GOAMD64=v3, "
                       "-march=native in cgo code) than this machine has, or a jump into data.";
  if (crash.traceback->signal->during_cgo) finding.why += " It happened in C code.";
  finding.confirm = "Disassemble at the pc of the signal line, in the executable or the library that holds it.";
  finding.fix = trap ? "Find the check that fired in the C code; build that with -g to see the line."
                     : "Build with a lower GOAMD64 or -march, or run on a machine of that level.";
  return true;
}

}  // namespace

constinit const Rule kIllegalInstruction = crash_rule<CrashKind::IllegalInstruction, explain>(
    "crash.illegal-instruction", Severity::Critical, "SIGILL: a trap, or a CPU level above the machine's");

}  // namespace gopsy::rules
