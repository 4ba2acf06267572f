#pragma once

#include <cstdint>
#include <string>

#include "process/runtime/go_runtime.h"

namespace gopsy::process {

/// The name of a type by its address: "main.page", "*http.Request", "[]string"; empty if nothing there is a type.
///
/// Cost    two reads.
/// Source  internal/abi/type.go Type, Name.
std::string type_name(const GoRuntime& runtime, std::uint64_t address);

}  // namespace gopsy::process
