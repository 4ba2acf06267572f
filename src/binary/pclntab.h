#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "binary/elf.h"

namespace gopsy::binary {

/// One frame that an address stands for; inlined calls make several, innermost first.
struct SourceFrame {
  std::string function;
  std::string file;
  std::int64_t line = 0;
  std::int64_t start_line = 0;  ///< of the function; 0 = unknown (before Go 1.20)
  std::int64_t column = 0;
};

/// The table that every Go binary carries, stripped or not, because the runtime itself needs it: functions, files,
/// lines, and the tree of inlined calls.
///
/// Shape   addresses are the file's own; the views point into the bytes of the Elf.
/// Errors  Unsupported: no table is there (not Go, or older than Go 1.2). Malformed: its header contradicts itself.
/// Cost    to open: a scan for the header where the section has no name; a look-up is a binary search and a walk over
///         the function's own tables.
/// Source  runtime/symtab.go (pcHeader, pcvalue), runtime/symtabinl.go, cmd/link/internal/ld/pcln.go;
///         reference/process-image.md.
class Pclntab {
 public:
  static Result<Pclntab> open(const Elf& elf);

  /// The frames at an address; empty outside all functions.
  [[nodiscard]] std::vector<SourceFrame> frames(std::uint64_t address) const;

  struct Function {
    std::string_view name;
    std::uint64_t start = 0;
    std::uint64_t end = 0;
  };
  [[nodiscard]] std::size_t function_count() const { return count_; }
  [[nodiscard]] Function function(std::size_t index) const;

  /// What the one who walks a stack asks about an address. Since Go 1.18; earlier tables have no flags.
  struct Unwind {
    static constexpr std::uint8_t kTopFrame = 1;  ///< nothing called it: a stack ends here
    static constexpr std::uint8_t kWritesSp = 2;  ///< it moves to another stack: `frame_bytes` may be wrong here
    static constexpr std::uint8_t kAssembly = 4;

    std::string_view name;
    std::uint64_t entry = 0;
    std::uint64_t end = 0;
    std::uint8_t flags = 0;
    std::uint8_t id = 0;                      ///< abi.FuncID: numbers change between versions
    bool defers = false;                      ///< it has defer statements
    std::optional<std::int64_t> frame_bytes;  ///< between SP at this address and the return address; none: no table
    std::uint64_t argument_info = 0;  ///< FUNCDATA_ArgInfo, ArgLiveInfo, OpenCodedDeferInfo: addresses, 0 = none
    std::uint64_t argument_liveness = 0;
    std::uint64_t open_defers = 0;
    std::int64_t liveness_index = -1;  ///< into the above, at `call`
  };
  /// `call` is where the function stands in its source: a byte before a return address, else the address itself.
  [[nodiscard]] std::optional<Unwind> unwind(std::uint64_t address, std::uint64_t call) const;

  /// A run of a function's code and the call that was inlined there.
  struct InlineRun {
    std::uint64_t start = 0;
    std::uint64_t end = 0;
    std::uint32_t call = 0;  ///< an index into InlineTree::calls; kNoCall: the function's own code
  };
  struct InlinedCall {
    std::string_view name;
    std::uint64_t made_at = 0;  ///< an address of the caller's code, which may be inlined itself
  };
  struct InlineTree {
    static constexpr std::uint32_t kNoCall = UINT32_MAX;
    std::vector<InlinedCall> calls;
    std::vector<InlineRun> runs;  ///< by address
  };
  /// What was inlined into the function at an address. Empty before Go 1.18.
  [[nodiscard]] InlineTree inline_tree(std::uint64_t address) const;

  /// The first function of that name: a walk over all names.
  [[nodiscard]] std::optional<Function> function_named(std::string_view name) const;

  /// Where the table stands in the program, and runtime.firstmoduledata; 0 = it was not found.
  [[nodiscard]] std::uint64_t address() const { return table_address_; }
  [[nodiscard]] std::uint64_t module_address() const { return module_address_; }
  /// A word of the file as the loader leaves it where it loads the program at the file's own addresses.
  [[nodiscard]] std::uint64_t linked_word(std::uint64_t address) const { return module_word(address); }
  [[nodiscard]] bool has_flags() const { return layout_ >= Layout::Go118; }
  /// "1.2", "1.16", "1.18" or "1.20": the version that brought the layout.
  [[nodiscard]] std::string_view layout() const;

 private:
  enum class Layout : std::uint8_t { Go12, Go116, Go118, Go120 };
  static constexpr std::size_t kNone = SIZE_MAX;

  struct FunctionInfo {
    std::uint64_t entry = 0;
    std::uint64_t at = 0;  // of the _func, in the table of functions
  };

  explicit Pclntab(const Elf& elf) : elf_(&elf) {}
  Result<void> read_header(std::uint64_t address, std::string_view table);
  void find_text_and_data(std::uint64_t address);
  [[nodiscard]] std::uint64_t module_word(std::uint64_t address) const;
  [[nodiscard]] std::uint64_t find_module(std::uint64_t table_address) const;

  [[nodiscard]] std::uint64_t entry(std::size_t index) const;
  [[nodiscard]] std::size_t find(std::uint64_t address) const;
  [[nodiscard]] FunctionInfo info(std::size_t index) const;
  /// A field of the _func by its number of 4-byte words behind the entry.
  [[nodiscard]] std::uint32_t field(const FunctionInfo& function, unsigned number) const;
  [[nodiscard]] std::int64_t value_at(const FunctionInfo& function, std::uint32_t table, std::uint64_t address) const;
  [[nodiscard]] std::string_view name(std::uint32_t offset) const { return names_.text(offset); }
  [[nodiscard]] std::string_view file(const FunctionInfo& function, std::int64_t number) const;
  [[nodiscard]] SourceFrame place(const FunctionInfo& function, std::uint64_t address) const;
  /// The address of a table of the function (FUNCDATA); 0 if it has none of that number.
  [[nodiscard]] std::uint64_t function_data(const FunctionInfo& function, unsigned number) const;
  /// The table by code of that number (PCDATA), an offset for `value_at`; 0 if there is none.
  [[nodiscard]] std::uint32_t code_data(const FunctionInfo& function, unsigned number) const;

  const Elf* elf_;
  Layout layout_ = Layout::Go120;
  unsigned word_ = 8;
  unsigned quantum_ = 1;
  std::uint64_t count_ = 0;
  std::uint64_t text_ = 0;     // what entries are offsets from, since 1.18
  std::uint64_t go_func_ = 0;  // what function data are offsets from, since 1.18
  std::uint64_t table_address_ = 0;
  std::uint64_t module_address_ = 0;
  std::uint64_t functions_address_ = 0;
  Reader names_;
  Reader units_;
  Reader files_;
  Reader values_;
  Reader functions_;
  std::vector<Elf::Relocation> relocations_;
};

}  // namespace gopsy::binary
