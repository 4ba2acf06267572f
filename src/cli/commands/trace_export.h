#pragma once

#include "cli/command.h"

namespace gopsy::cli {

// Flags of `gopsy trace` about views that are files; spread them into its table.
#define GOPSY_TRACE_EXPORT_FLAGS                                                     \
  Flag{"--perfetto", "", "write the trace for ui.perfetto.dev into the file of -o"}, \
      Flag{"--svg", "", "draw a timeline of the trace into the file of -o"},         \
      Flag{"--top", "N", "with --perfetto and --svg: so many goroutines, busy ones and long blocked ones first"}

/// `gopsy trace FILE --perfetto|--svg -o OUT`: views of a trace that are files.
int run_trace_export(const Invocation& invocation);

}  // namespace gopsy::cli
