#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "process/core_notes.h"
#include "process/proc.h"
#include "process/registers.h"

namespace gopsy::process {

/// A PT_LOAD to be: a part of a mapping, the first bytes of which are in the file.
struct CorePart {
  std::uint64_t start = 0;
  std::uint64_t memory_size = 0;
  std::uint64_t file_size = 0;
  bool readable = false;
  bool writable = false;
  bool executable = false;
  std::uint64_t offset = 0;  ///< in the file; `core_header` fills it in
};

/// Everything of an ELF core that stands before its memory, padded to a page; `parts` learn where their bytes go.
///
/// Shape   one PT_NOTE with `notes`, then a PT_LOAD a part, in their order. More than 65,534 program headers are
/// counted in
///         a section header, as the kernel does.
/// Source  linux: fs/binfmt_elf.c, elf_core_dump.
std::string core_header(const RegisterLayout& layout, std::string_view notes, std::vector<CorePart>& parts);

/// The size of the file that `core_header` and the parts make.
std::uint64_t core_size(std::string_view header, const std::vector<CorePart>& parts);

/// One note, padded.
std::string core_note(std::string_view owner, std::uint32_t type, std::string_view content);

/// What NT_PRSTATUS, NT_PRPSINFO and NT_FILE hold.
struct ProcessFacts {
  std::uint32_t pid = 0, parent = 0, group = 0, session = 0, uid = 0, gid = 0;
  char state = 'R';
  std::uint64_t nice = 0;
  std::uint64_t flags = 0;
  std::string name;
  std::string arguments;
};
std::string prstatus(const RegisterLayout& layout, const ProcessFacts& facts, std::uint32_t tid,
                     const Registers& registers);
std::string prpsinfo(const ProcessFacts& facts);
std::string mapped_files(const std::vector<ProcMapping>& mappings);

/// The content of our own note; see kNoteSnapshot.
std::string snapshot_note(const std::vector<Untouched>& untouched);

}  // namespace gopsy::process
