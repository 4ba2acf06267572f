#pragma once

#include "process/runtime/go_runtime.h"

namespace gopsy::process {

/// Takes the offsets of the runtime's structs from the executable's DWARF. False, and nothing is changed, if it has
/// none or lacks a field that goroutines cannot be read without.
///
/// Shape   for versions without a row of their own: a row is as good and costs nothing, DWARF is mostly compressed.
bool read_dwarf_layout(binary::Object& object, RuntimeLayout& layout);

}  // namespace gopsy::process
