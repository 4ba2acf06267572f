#pragma once

#include <string>

#include "process/runtime/go_runtime.h"

namespace gopsy::process {

/// What the runtime printed last before it began to die: "fatal error: …" and the lines before it, oldest first.
///
/// Shape   at most the 512 bytes of runtime.printBacklog, a ring that is found by its symbol, else by its words. Empty:
///         it was not found, or holds no fatal error.
/// Source  runtime/print.go recordForPanic.
std::string read_print_backlog(const GoRuntime& runtime);

}  // namespace gopsy::process
