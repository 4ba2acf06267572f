#pragma once

#include <string>

#include "process/runtime/unwind.h"

namespace gopsy::process {

/// What a traceback prints between the parentheses of a frame: `0xc000012345, {0x4b3f2c, 0x5}, ...`. Written to `out`,
/// which is emptied first.
///
/// Shape   words that may hold junk carry "?", as the runtime marks them; "_" is a word that cannot be read.
/// Source  runtime/traceback.go printArgs; internal/abi/symtab.go TraceArgs*.
void print_arguments(const GoRuntime& runtime, const StackFrame& frame, StackMemory& stack, std::string& out);

}  // namespace gopsy::process
