#pragma once

#include "cli/command.h"

namespace gopsy::cli {

/// `gopsy trace FILE --pprof KIND`: the profile, compressed unless `-o` names a .pb. Yields the exit code.
int write_trace_profile(const Invocation& invocation);

}  // namespace gopsy::cli
