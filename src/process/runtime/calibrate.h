#pragma once

#include "process/runtime/go_runtime.h"

namespace gopsy::process {

/// Finds runtime.allgs: by its symbol, else among everything in the data that looks like a slice, and proves it on the
/// goroutines it names. Where they show that fields of g stand elsewhere than the layout says, the layout is moved.
///
/// Errors  Malformed: nothing in the data is a list of goroutines.
Result<void> find_all_gs(GoRuntime& runtime);

}  // namespace gopsy::process
