#pragma once

#include <string>
#include <string_view>

#include "process/executable.h"
#include "process/image.h"

namespace gopsy::process {

struct CoreOptions {
  ExecutableSearch executable;
  /// What a compressed core may grow to.
  std::uint64_t max_bytes = std::uint64_t{64} << 30;
};

/// Reads the core of a Linux process of a 64-bit machine: the kernel's, gdb's `gcore`, Delve's `dump`, our snapshots.
///
/// Shape   `bytes` must outlive the image. Memory is served where it stands. What the core leaves out (code and
/// read-only
///         data that are not dumped) comes from the executable's file if it is found and is the same build; writable
///         data never does, because a file only knows how it began. A core that is cut keeps what is there.
/// Errors  Malformed, Unsupported: no ELF file, no core, of another machine. Truncated: cut inside its headers. Usage:
/// the
///         executable that was given is another build.
/// Cost    headers and notes are read; of memory one page. Time and space grow with the number of segments.
Opened<Image> read_core(std::string_view bytes, const CoreOptions& options);

/// The same from a file, which is mapped; a compressed one (gzip, zstd, lz4) is inflated into a file without a name in
/// $TMPDIR (/var/tmp).
Opened<Image> open_core(const std::string& path, const CoreOptions& options);

}  // namespace gopsy::process
