#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "process/image.h"

namespace gopsy::process {

struct SnapshotOptions {
  bool pause = false;  ///< hold the process for the whole of the copy
};

/// What was written, and what it cost.
struct SnapshotReport {
  std::uint32_t pid = 0;
  std::string program;
  std::uint64_t threads = 0;
  std::uint64_t threads_running = 0;  ///< that would not stop: without registers
  std::uint64_t resident_bytes = 0;   ///< of the process, as /proc/PID/statm has it, pages of files included
  std::uint64_t touched_bytes = 0;    ///< of what a core takes: what was copied
  std::uint64_t zero_bytes = 0;       ///< of these, pages of zeros, left out as holes of the file
  std::uint64_t unread_bytes = 0;     ///< of these, gone or not readable when their turn came: zeros in the file
  std::uint64_t file_bytes = 0;       ///< the size of the file
  std::uint64_t disk_bytes = 0;       ///< what it takes on disk
  std::uint64_t segments = 0;
  std::uint64_t unknown_mappings = 0;  ///< without a page map: copied whole
  std::chrono::nanoseconds stopped{};  ///< how long nothing of the process ran
  std::chrono::nanoseconds took{};     ///< from the first page to the last
};

/// Writes a core of a process that lives on: the pages that it has touched, the registers of its threads, and the notes
/// that the kernel writes. gdb, Delve and `read_core` read it.
///
/// Shape   the process stands still while its registers and the upper 32 KiB of the stack of each thread are read, then
///         runs on; its memory is copied in the order of addresses meanwhile, so what changes during the copy may be
///         seen in parts. `pause` trades that for a stop as long as the copy. The file appears under its name when it
///         is whole, readable by its owner only: it holds all secrets that the process has.
/// Errors  as open_live and Pause; the file cannot be written (no room: how much is wanted).
/// Cost    one copy of the touched pages through the kernel, one to the file; 4 MiB of buffer.
///
/// `path` may be empty: PROGRAM.PID.core is written to it then.
Opened<SnapshotReport> write_snapshot(std::uint32_t pid, std::string& path, const SnapshotOptions& options);

}  // namespace gopsy::process
