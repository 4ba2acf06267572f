#pragma once

#include "analyze/pprof/config.h"
#include "app/pprof/session.h"

namespace gopsy::pprof {

/// pprof's interactive shell: reads commands and assignments line by line from stdin until `quit` or its end.
/// Shape   settings hold from line to line; what a command's own words say holds for it alone.
/// Source  internal/driver/interactive.go; reference/pprof.md section 1.3.
void run_shell(Session& session, Config config, const Notice& notice);

}  // namespace gopsy::pprof
