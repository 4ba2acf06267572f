#pragma once

#include <string>

#include "rules/trace/traces.h"

namespace gopsy::rules {

/// How far a trace reaches towards this end of its process: which ends write the rest of a trace, and which do not.
///
/// Source  runtime/panic.go gopanic (traceAdvance(false) after the deferred calls, since Go 1.23), fatalthrow (no such
///         thing); tried out with Go 1.19, 1.23 and 1.26: docs/trace.md.
/// Shape   a panic that is flushed leaves the head of one more, empty generation: TraceReport::unfinished, no damage.
std::string flush_words(const Trace& trace, const Crash& crash);

/// Is there a log of a panic of the same process that, by its version of Go, wrote the rest of this trace?
bool ended_by_a_flushed_panic(const Inquiry& inquiry, const Trace& trace);

}  // namespace gopsy::rules
