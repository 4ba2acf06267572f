#include "rules/trace/flush.h"

namespace gopsy::rules {

std::string flush_words(const Trace& trace, const Crash& crash) {
  // The first version that writes the rest of a trace when a panic ends the process.
  constexpr unsigned kFlushes = 23;
  const model::GoVersion& version = trace.evidence.go_version;
  const bool panic = crash.traceback->cause == model::Cause::Panic && crash.traceback->fatal.none();
  if (!panic)
    return "A fatal error or a signal ends the process at once: what the buffers of the trace held, up to a second (a "
           "generation) before the end, was never written, so the trace ends before the crash.";
  if (version.newest != 0 && version.newest < kFlushes)
    return "Before Go 1.23 a panic ends the process without writing the rest of the trace: up to a second before it is "
           "missing.";
  if (trace.evidence.trace->unfinished)
    return "From Go 1.23 on a panic writes the rest of a trace, but this one ends without its tables: the file was "
           "copied before, or who read it was gone; up to a second is missing.";
  return "From Go 1.23 on a panic that ends the process writes the rest of the trace once the deferred calls have run, "
         "so this trace reaches to the panic.";
}

}  // namespace gopsy::rules
