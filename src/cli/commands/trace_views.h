#pragma once

#include "cli/command.h"

namespace gopsy::cli {

// Flags of `gopsy trace` about where the time went; spread them into its table.
#define GOPSY_TRACE_TIME_FLAGS                                                                                   \
  Flag{"--from", "TIME",                                                                                         \
       "only what happens from then on: 1.5s or 200ms after its beginning, -1s before its end, 25%"},            \
      Flag{"--to", "TIME", "only what happens until then"},                                                      \
      Flag{"--goroutines", "", "a row for each goroutine instead of an overview"},                               \
      Flag{"--sort", "BY", "with --goroutines: the most of that first (running)",                                \
           "running|runnable|blocked|syscall|assist|life"},                                                      \
      Flag{"--limit", "N", "with --goroutines, --tree: so many rows (20, 40); 0: all"},                          \
      Flag{"--function", "REGEX", "with --goroutines: those whose start function it matches"},                   \
      Flag{"--goroutine", "ID", "the whole life of one goroutine"},                                              \
      Flag{"--mmu", "", "how much of the processors the garbage collector leaves, for windows of all lengths"},  \
      Flag{"--mmu-flags", "LIST",                                                                                \
           "with --mmu: what counts as the collector's: stw|background|assist|sweep|perProc (the first three)"}, \
      Flag{"--tree", "", "which goroutines created which"}

/// `gopsy trace FILE` with any of these flags, or none.
int run_trace_times(const Invocation& invocation);

}  // namespace gopsy::cli
