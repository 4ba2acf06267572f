#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "binary/buildinfo.h"
#include "binary/elf.h"
#include "binary/native_symbols.h"
#include "binary/pclntab.h"
#include "io/bytes.h"

namespace gopsy::binary {

/// How a process had a file mapped: what profiles and maps say of it.
struct Mapped {
  std::uint64_t start = 0;
  std::uint64_t limit = 0;
  std::uint64_t offset = 0;
};

/// One executable or library, opened to ask it about addresses.
///
/// Cost  the file is mapped; tables of symbols are read at the first question that needs them.
class Object {
 public:
  /// Errors  as io::read_whole and Elf::open.
  static Result<Object> open(const std::string& path);
  /// The library that the kernel maps into every process, from our own. Unsupported where there is none.
  static Result<Object> vdso();

  Object(Object&&) noexcept;
  Object& operator=(Object&&) noexcept;
  ~Object();

  [[nodiscard]] const Elf& elf() const { return *elf_; }
  /// The GNU note, as profiles have it.
  [[nodiscard]] std::string build_id() const { return elf_->gnu_build_id(); }
  /// Null if it is not a Go binary.
  [[nodiscard]] const Pclntab* pclntab() const { return pclntab_ ? &*pclntab_ : nullptr; }

  /// What to take from an address of the process for one of the file. Wraps around: both are numbers modulo 2^64.
  [[nodiscard]] std::uint64_t bias(const Mapped& mapped) const;

  /// The frames at an address of the file, innermost first: Go's own table, else DWARF, else the symbol table (without
  /// a line). `fast` leaves DWARF out. Names as linkers have them: not demangled.
  [[nodiscard]] std::vector<SourceFrame> frames(std::uint64_t address, bool fast);

  /// The members of a struct by DWARF, as NativeSymbols::fields has them; empty without DWARF.
  [[nodiscard]] std::vector<StructField> struct_fields(std::string_view unit, std::string_view type);

  /// A function by a symbol or by Go's table: start and end in the file's addresses.
  struct Function {
    std::string_view name;
    std::uint64_t start = 0;
    std::uint64_t end = 0;
  };
  /// All of them, sorted by start. Several may have the same start.
  [[nodiscard]] const std::vector<Function>& functions();
  [[nodiscard]] const Function* function_at(std::uint64_t address);

 private:
  Object() = default;
  NativeSymbols* native();
  static Result<Object> of(io::Bytes bytes, std::string path);

  io::Bytes bytes_;
  std::string path_;
  std::unique_ptr<Elf> elf_;  // at one place: the table points to it
  std::optional<Pclntab> pclntab_;
  std::unique_ptr<NativeSymbols> native_;
  bool native_tried_ = false;
  std::optional<std::vector<Function>> functions_;
};

}  // namespace gopsy::binary
