#pragma once

#include <cstdint>

#include "model/evidence.h"
#include "process/runtime/goroutine_reader.h"

namespace gopsy::process {

/// Reads a process into the form that a traceback of GOTRACEBACK=system has, so that everything that works on dumps
/// works on it: one traceback with all goroutines, the one that crashed first.
///
/// Yields  `log`, `go_version`, `counts` (goroutines read = kept + skipped), `kind`, `cut` where stacks are missing.
/// Shape   `now_ns`: the process's nanotime (CLOCK_MONOTONIC); 0: it is estimated from what the runtime noted last, and
///         ages are lower bounds. Stacks deeper than StackWalker::kMostKept have their middle left out, counted.
/// Cost    linear in the goroutines and their frames; names are interned once for each address.
model::Evidence read_evidence(const GoRuntime& runtime, std::int64_t now_ns, model::Symbols& symbols);

}  // namespace gopsy::process
