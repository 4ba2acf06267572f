#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "binary/reader.h"

namespace gopsy::binary {

enum class Machine : std::uint8_t { Other, X86, X86_64, Arm, Arm64, Riscv64, Ppc64, S390x };

/// A part of the file that is mapped to run, or of the memory that a core has (PT_LOAD).
struct Segment {
  std::uint64_t offset = 0;
  std::uint64_t address = 0;
  std::uint64_t file_size = 0;
  std::uint64_t memory_size = 0;
  bool executable = false;
  bool writable = false;
  bool readable = false;
};

struct Section {
  std::string_view name;
  std::uint32_t type = 0;
  std::uint64_t flags = 0;
  std::uint64_t address = 0;
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
  std::uint32_t link = 0;
  std::uint64_t entry_size = 0;
};

/// A function of a symbol table.
struct FunctionSymbol {
  std::string_view name;
  std::uint64_t address = 0;
  std::uint64_t size = 0;
};

/// An executable, shared library or core in ELF, 32 or 64 bits, either byte order.
///
/// Shape   views into the bytes it was opened on, which must outlive it.
/// Errors  Malformed or Truncated with the offset; a damaged section table leaves the segments, and the other way
///         round: what is there can be used.
/// Cost    the headers; symbols and relocations are read when asked for.
/// Source  System V ABI, generic part, chapters 4 and 5.
class Elf {
 public:
  static Result<Elf> open(std::string_view bytes);

  /// By the first four bytes.
  static bool is_elf(std::string_view bytes) {
    return bytes.starts_with(
        "\x7f"
        "ELF");
  }

  [[nodiscard]] bool is_64() const { return is_64_; }
  [[nodiscard]] unsigned word_size() const { return is_64_ ? 8 : 4; }
  [[nodiscard]] Machine machine() const { return machine_; }
  /// Can it be loaded anywhere: a shared library or a position-independent executable.
  [[nodiscard]] bool relocatable() const { return type_ == kDyn; }
  [[nodiscard]] bool is_core() const { return type_ == kCore; }
  /// Where it starts to run, by the file's own addresses.
  [[nodiscard]] std::uint64_t entry() const { return entry_; }
  /// How many program headers it says it has, of which `segments` and `note_segments` are some.
  [[nodiscard]] std::uint64_t program_headers() const { return program_headers_; }
  [[nodiscard]] const std::vector<Segment>& note_segments() const { return notes_; }
  [[nodiscard]] const std::vector<Segment>& segments() const { return segments_; }
  [[nodiscard]] const std::vector<Section>& sections() const { return sections_; }
  [[nodiscard]] const Section* section(std::string_view name) const;
  /// What the file has of a section: nothing for .bss.
  [[nodiscard]] std::string_view content(const Section& section) const;
  [[nodiscard]] const Reader& file() const { return file_; }

  /// `size` bytes of the program at an address of the file's own, or as many as the file has.
  [[nodiscard]] std::string_view memory(std::uint64_t address, std::uint64_t size) const;

  /// The note that linkers leave, in hexadecimal; empty if there is none.
  [[nodiscard]] std::string gnu_build_id() const;
  /// The note of Go's linker, as text.
  [[nodiscard]] std::string_view go_build_id() const;

  /// Functions of .symtab or, where that was stripped, .dynsym; sorted by address.
  [[nodiscard]] std::vector<FunctionSymbol> functions() const;

  /// The address of a symbol of .symtab, whatever it names; 0 if there is none of that name. A walk over the table.
  [[nodiscard]] std::uint64_t symbol(std::string_view name) const;

  /// A relative relocation: what the loader writes at an address, before it adds where the file was loaded.
  struct Relocation {
    std::uint64_t address = 0;
    std::uint64_t value = 0;
  };
  /// Of all relocation sections with addends, sorted by address.
  [[nodiscard]] std::vector<Relocation> relative_relocations() const;

 private:
  static constexpr std::uint16_t kDyn = 3;
  static constexpr std::uint16_t kCore = 4;

  Result<void> read_segments(std::uint64_t table, std::uint64_t count, std::uint64_t entry);
  void read_sections(std::uint64_t table, std::uint64_t count, std::uint64_t entry, std::uint64_t names);
  void add_functions(std::uint32_t type, std::vector<FunctionSymbol>& functions) const;
  [[nodiscard]] std::string_view note(std::string_view owner, std::uint32_t type) const;

  Reader file_;
  bool is_64_ = true;
  std::uint16_t type_ = 0;
  std::uint64_t entry_ = 0;
  std::uint64_t program_headers_ = 0;
  Machine machine_ = Machine::Other;
  std::vector<Segment> segments_;
  std::vector<Segment> notes_;
  std::vector<Section> sections_;
};

}  // namespace gopsy::binary
