#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/traceback.h"
#include "process/runtime/go_runtime.h"

namespace gopsy::process {

/// The values of a chain of runtime._panic, oldest first, as "panic: …" lines print them.
///
/// Shape   before it prints them the runtime replaces errors and Stringers by their text, so a core has the final
/// words;
///         numbers and strings of the program's own types are printed as the runtime would; anything else as
///         "(main.T) 0xc000012345". Entries that Goexit made are left out.
/// Source  runtime/panic.go preprintpanics, printpanics; runtime/error.go printpanicval; internal/abi/type.go.
std::vector<model::PanicValue> read_panics(const GoRuntime& runtime, std::uint64_t newest, model::Symbols& symbols);

/// The name of a type by its abi.Type: "main.Code"; empty if it is none.
std::string type_name(const GoRuntime& runtime, std::uint64_t type);

}  // namespace gopsy::process
