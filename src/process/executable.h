#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "process/core_notes.h"
#include "process/image.h"
#include "process/pieces.h"

namespace gopsy::process {

/// What a process says of the program that it runs.
struct Wanted {
  std::string name;         ///< as mapped; " (deleted)" taken off; may be empty
  std::uint64_t start = 0;  ///< where the first page of the file is mapped; 0: not known
  AuxiliaryVector auxv;
  BuildIds ids;                                      ///< read out of that page
  binary::Machine machine = binary::Machine::Other;  ///< likewise, of a 64-bit program
};

/// From the mappings and the memory of a process.
///
/// Shape   the program is the file whose mapping holds the place where it started to run. Its first page holds the ELF
///         header and, as all linkers of Go programs lay them, the notes with the build ids: kernels dump that page.
Wanted wanted_executable(const Memory& memory, const AuxiliaryVector& auxv);

/// Where to look for the file of a core's program, the likeliest first.
struct ExecutableSearch {
  std::string given;   ///< with --exe: nothing else is tried
  std::string beside;  ///< the core's own path: its folder has a copy often
  std::string debug_root = "/usr/lib/debug";
  bool look = true;  ///< else only `given`
};

/// Finds the file, checks that it is the one that ran, and says where it was loaded.
///
/// Yields  an executable without an object, and a notice, if there is none to be had.
/// Errors  the given one cannot be read, has no code, or is another build: both build ids are named.
Opened<Executable> find_executable(const Wanted& wanted, binary::Machine machine, const ExecutableSearch& search,
                                   std::vector<std::string>& notices);

/// The bytes of its file that stand in the memory of the process unchanged: everything that it may not write.
std::vector<Stretch> read_only_parts(const Executable& executable);

/// Of a file.
BuildIds build_ids(const binary::Elf& elf);

}  // namespace gopsy::process
