#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "process/image.h"

namespace gopsy::process {

/// Note types of a core, by owner "CORE" unless said otherwise.
///
/// Source  linux: include/uapi/linux/elf.h.
constexpr std::uint32_t kNotePrstatus = 1;
constexpr std::uint32_t kNoteFpregset = 2;
constexpr std::uint32_t kNotePrpsinfo = 3;
constexpr std::uint32_t kNoteAuxv = 6;
constexpr std::uint32_t kNoteX86Xstate = 0x202;     // owner "LINUX"
constexpr std::uint32_t kNoteSiginfo = 0x53494749;  // "SIGI"
constexpr std::uint32_t kNoteFile = 0x46494c45;     // "FILE"

/// Of owner kSnapshotOwner: a snapshot of ours. Its content is a count and as many pairs {start, end} of addresses that
/// hold zeros because nobody had touched them; in other cores what a segment does not have in the file is not known.
/// The number is nobody else's: Delve looks at types without their owners.
constexpr std::uint32_t kNoteSnapshot = 0x59535047;  // "GPSY"
constexpr std::string_view kSnapshotOwner = "GOPSY";

struct Untouched {
  std::uint64_t start = 0;
  std::uint64_t end = 0;
};

/// Entries of the auxiliary vector.
constexpr std::uint64_t kAuxPhdr = 3;
constexpr std::uint64_t kAuxPhnum = 5;
constexpr std::uint64_t kAuxEntry = 9;
constexpr std::uint64_t kAuxExecfn = 31;

/// Offsets into struct elf_prstatus and elf_prpsinfo of 64-bit machines.
///
/// Source  linux: include/linux/elfcore.h.
constexpr std::size_t kPrstatusCursig = 12;
constexpr std::size_t kPrstatusPid = 32;
constexpr std::size_t kPrstatusRegisters = 112;
constexpr std::size_t kPrpsinfoPid = 24;
constexpr std::size_t kPrpsinfoName = 40;
constexpr std::size_t kPrpsinfoNameSize = 16;
constexpr std::size_t kPrpsinfoArguments = 56;
constexpr std::size_t kPrpsinfoArgumentsSize = 80;
constexpr std::size_t kPrpsinfoSize = 136;
constexpr std::size_t kSiginfoSize = 128;

/// A file that was mapped, as NT_FILE has it.
struct FileMapping {
  std::uint64_t start = 0;
  std::uint64_t end = 0;
  std::uint64_t offset = 0;
  std::string path;
};

/// The auxiliary vector: what the kernel told the program when it started.
struct AuxiliaryVector {
  std::uint64_t phdr = 0;
  std::uint64_t phnum = 0;
  std::uint64_t entry = 0;
  std::uint64_t execfn = 0;
};
AuxiliaryVector read_auxv(std::string_view bytes);

/// What the notes of a core say.
struct CoreNotes {
  std::vector<Thread> threads;  ///< in the order of the notes: the one that died first
  std::optional<Signal> signal;
  std::uint32_t pid = 0;
  std::string program;
  std::vector<std::string> arguments;
  AuxiliaryVector auxv;
  std::vector<FileMapping> files;  ///< sorted by start
  bool snapshot = false;           ///< of ours
  std::vector<Untouched> untouched;
  std::uint64_t damaged = 0;  ///< notes that are cut, or too short for what they are
};

/// Adds what one area of notes says.
///
/// Shape   anything may be missing; a note of a wrong size is counted and passed over. A count that a note states is
///         never believed beyond the bytes that it has.
void read_core_notes(std::string_view area, const RegisterLayout& layout, CoreNotes& notes);

}  // namespace gopsy::process
