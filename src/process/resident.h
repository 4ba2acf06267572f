#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "process/core_writer.h"
#include "process/proc.h"

namespace gopsy::process {

/// What /proc/PID/pagemap says of a page.
///
/// Source  linux: Documentation/admin-guide/mm/pagemap.rst.
struct Page {
  bool there = false;    ///< in memory or swapped out: the process has touched it
  bool of_file = false;  ///< it is the file's, or shared: the process did not change it by itself
};
Page page_of(std::uint64_t entry);

/// Reads the pages of [start, end) of a process; fewer where they cannot be had.
using Pagemap = std::function<std::vector<Page>(std::uint64_t start, std::uint64_t end)>;

/// Pages to copy one behind the other.
struct Run {
  std::uint64_t start = 0;
  std::uint64_t end = 0;
};

/// What a snapshot takes of a process.
struct SnapshotPlan {
  std::vector<CorePart> parts;
  std::vector<Run> runs;               ///< to be copied; sorted, each within a part's file size
  std::vector<Untouched> untouched;    ///< known to be zeros, and in no part's file size
  std::uint64_t resident_bytes = 0;    ///< sum of the runs
  std::uint64_t unknown_mappings = 0;  ///< whose pages could not be looked up: they are copied whole
};

/// Chooses as the kernel's default filter does (core(5), 0x33), but only pages that were touched.
///
/// Shape   anonymous memory: touched pages; a gap of less than 256 KiB between them becomes a hole of the file, a
/// longer
///         one ends the segment and is recorded as untouched. Private files that the process wrote to: all of the
///         mapping, from 64 MiB on the pages that it wrote. Files that it only reads: the page with the ELF header.
///         Shared memory without a name: touched pages. Shared files, devices, [vvar]: nothing.
/// Cost    eight bytes a page of address space that can be read.
SnapshotPlan plan_snapshot(const std::vector<ProcMapping>& mappings, std::uint64_t page_size, const Pagemap& pagemap,
                           const std::function<bool(std::uint64_t)>& is_elf_header);

}  // namespace gopsy::process
