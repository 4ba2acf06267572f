#pragma once

#include "cli/command.h"

namespace gopsy::cli {

/// Whether the user asked for one of the views below.
bool wants_trace_paths(const Invocation& invocation);

/// `gopsy trace FILE --tasks|--regions|--wakers|--blocks|--locks|--task ID|--critical-path SUBJECT`: who waited for
/// whom.
int run_trace_paths(const Invocation& invocation);

}  // namespace gopsy::cli
