#include "rules/catalog.h"
#include "rules/explain.h"

namespace gopsy::rules {
namespace {

// The Error, String or GoString method that the runtime called: the frame above preprintpanics.
std::string method_of(const Crash& crash) {
  for (std::size_t i = 1; i < crash.frames.size(); ++i)
    if (crash.function(crash.frames[i]).starts_with("runtime.preprintpanics") &&
        !model::is_runtime(crash.function(crash.frames[i - 1])))
      return at(*crash.symbols, crash.frames[i - 1]);
  return std::string(crash.text);
}

bool explain(const Crash& crash, Finding& finding) {
  finding.title = fmt::format("The panic value's own method panicked while it was printed: {}", method_of(crash));
  finding.why =
      "A panic ended the process, and the runtime called Error or String of its value to print it; that call panicked "
      "in turn, so the original message is lost.";
  if (crash.traceback->signal)
    finding.why +=
        " The second panic was a nil dereference: the value is most likely a typed nil pointer stored in an error, "
        "whose Error method reads a field.";
  finding.confirm = "Look at the lowest `panic(` frame of the stack: the frame below it raised the first panic.";
  finding.fix = "Make Error and String safe on a nil receiver, and return a literal nil instead of a nil *T as error.";
  return true;
}

}  // namespace

constinit const Rule kPanicWhilePrinting = crash_rule<CrashKind::PanicWhilePrinting, explain>(
    "crash.panic-while-printing", Severity::Critical,
    "the panic value's own Error/String panicked, often a typed nil error");

}  // namespace gopsy::rules
