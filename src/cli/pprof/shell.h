#pragma once

#include <iosfwd>

#include "analyze/pprof/config.h"
#include "app/pprof/session.h"

namespace gopsy::pprof {

/// pprof's interactive shell: reads commands and assignments line by line until `quit` or the end of the input.
/// Shape   settings hold from line to line; what a command's own words say holds for it alone.
/// Source  internal/driver/interactive.go; reference/pprof.md section 1.3.
void run_shell(Session& session, Config config, std::istream& input, const Notice& notice);

}  // namespace gopsy::pprof
