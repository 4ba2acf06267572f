#pragma once

#include <string>
#include <vector>

#include "process/runtime/go_runtime.h"

namespace gopsy::process {

/// runtime.waitReasonStrings of the process itself, by number: a table of ours would be wrong on the next version, as
/// Go 1.26 renumbered them.
///
/// Yields  empty if it was not found.
/// Source  runtime/runtime2.go: [...]string whose first is "" and whose second is "GC assist marking".
std::vector<std::string> find_wait_reasons(const GoRuntime& runtime);

}  // namespace gopsy::process
