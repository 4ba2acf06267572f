#pragma once

#include "process/runtime/traceback_builder.h"

namespace gopsy::process {

/// Finds out whether the process of a core died, of what and in which goroutine, and writes it into the traceback: its
/// cause, panic values, fatal text, signal; the goroutine that crashed comes first, without the frames by which the
/// runtime ended the process, as in the text that it printed.
///
/// Shape   nothing is changed if it was not dying: a core that gcore or a debugger took.
/// Source  runtime/panic.go fatalpanic, fatalthrow; runtime/print.go printBacklog; runtime/signal_unix.go sighandler.
void read_crash(const GoRuntime& runtime, CodeMap& code, TracebackBuilder& builder, model::Symbols& symbols);

}  // namespace gopsy::process
