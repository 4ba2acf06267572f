#include "rules/trace/flush.h"

#include <algorithm>

#include "analyze/trace/join.h"

namespace gopsy::rules {
namespace {

// The first version that writes the rest of a trace when a panic ends the process.
constexpr unsigned kFlushes = 23;

bool is_panic(const Crash& crash) {
  return crash.traceback->cause == model::Cause::Panic && crash.traceback->fatal.none();
}

bool too_old(const Trace& trace) {
  const unsigned newest = trace.evidence.go_version.newest;
  return newest != 0 && newest < kFlushes;
}

}  // namespace

std::string flush_words(const Trace& trace, const Crash& crash) {
  if (!is_panic(crash))
    return "A fatal error or a signal ends the process at once: what the buffers of the trace held, up to a second (a "
           "generation) before the end, was never written, so the trace ends before the crash.";
  if (too_old(trace))
    return "Before Go 1.23 a panic ends the process without writing the rest of the trace: up to a second before it is "
           "missing.";
  if (trace.evidence.trace->damages != 0)
    return "From Go 1.23 on a panic writes the rest of a trace, but this one is torn: the file was copied before, or "
           "who "
           "read it was gone.";
  return "From Go 1.23 on a panic that ends the process writes the rest of the trace once the deferred calls have run, "
         "so this trace reaches to the panic.";
}

bool ended_by_a_flushed_panic(const Inquiry& inquiry, const Trace& trace) {
  if (too_old(trace)) return false;
  const analyze::TraceIdentity identity(trace.facts, trace.symbols);
  return std::ranges::any_of(inquiry.crashes, [&](const Crash& crash) {
    if (!crash.traceback->fatal_end() || crash.goroutine == nullptr || !is_panic(crash)) return false;
    const auto match = identity.find(*crash.traceback, *crash.goroutine);
    return match && match->goroutine->now.state == model::GoState::Running;
  });
}

}  // namespace gopsy::rules
