#pragma once

#include <string>

#include "rules/trace/traces.h"

namespace gopsy::rules {

/// How far a trace reaches towards this end of its process: which ends write the rest of a trace, and which do not.
///
/// Source  runtime/panic.go gopanic (traceAdvance(false) after the deferred calls, since Go 1.23), fatalthrow (no such
///         thing); tried out with Go 1.19, 1.23 and 1.26: docs/trace.md.
std::string flush_words(const Trace& trace, const Crash& crash);

}  // namespace gopsy::rules
