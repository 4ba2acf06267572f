#pragma once

#include "cli/command.h"

namespace gopsy::cli {

/// `gopsy trace FILE --perfetto|--svg -o OUT`: views of a trace that are files.
int run_trace_export(const Invocation& invocation);

}  // namespace gopsy::cli
