#include <malloc.h>

#include "cli/command.h"

namespace {

// Large tables are made, grown and dropped once each. Left alone, glibc maps and unmaps every one, and the kernel
// clears each page anew: a third of the time of `gopsy flame` on 100,000 stacks (0.31 against 0.27 s CPU).
void keep_freed_memory() {
  constexpr int kMiB = 1 << 20;
  mallopt(M_MMAP_THRESHOLD, 32 * kMiB);
  mallopt(M_TRIM_THRESHOLD, 1024 * kMiB);
  mallopt(M_TOP_PAD, 16 * kMiB);
}

}  // namespace

int main(int argc, char** argv) {
  keep_freed_memory();
  return gopsy::cli::run({argv + 1, argv + argc});
}
