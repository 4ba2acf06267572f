#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "binary/object.h"
#include "process/memory.h"
#include "process/runtime/layout.h"

namespace gopsy::process {

/// What a thread had in its registers when it stopped.
struct StoppedThread {
  std::uint64_t tid = 0;  ///< as the process numbers it: m.procid
  std::uint64_t pc = 0;
  std::uint64_t sp = 0;
  std::uint64_t lr = 0;  ///< of machines that have one
};

/// A signal, as the kernel told of it.
struct HandledSignal {
  int number = 0;
  int code = 0;
  std::uint64_t address = 0;
  std::uint64_t pc = 0;  ///< where it struck; 0: not known
};

/// What the runtime is looked for in.
struct Target {
  const Memory* memory = nullptr;
  binary::Object* object = nullptr;        ///< the executable
  std::uint64_t bias = 0;                  ///< what the process adds to the file's addresses
  std::vector<StoppedThread> threads;      ///< of a core the one that died first; empty for a process that runs on
  std::optional<HandledSignal> killed_by;  ///< of a core that the kernel wrote
  std::uint32_t pid = 0;                   ///< of a living process, as we number it
};

struct AddressRange {
  std::uint64_t start = 0;
  std::uint64_t end = 0;

  [[nodiscard]] bool contains(std::uint64_t address) const { return address >= start && address < end; }
  [[nodiscard]] std::uint64_t size() const { return end > start ? end - start : 0; }
};

/// The Go runtime of a process: where its data stand, and how they are laid out.
///
/// Shape   addresses are those of the process; `bias` leads back to the file's.
struct GoRuntime {
  const Target* target = nullptr;
  const Memory* memory = nullptr;
  const binary::Pclntab* table = nullptr;
  std::uint64_t bias = 0;
  bool link_register = false;  ///< calls leave the return address in a register (arm64)

  std::string version;  ///< "go1.26.8"; empty: the executable does not say
  RuntimeLayout layout;
  AddressRange text;
  std::vector<AddressRange> data;  ///< all writable data: noptrdata, data, bss, noptrbss
  AddressRange types;
  std::uint64_t all_gs = 0;               ///< of the slice header runtime.allgs
  std::vector<std::string> wait_reasons;  ///< by number, from the process itself

  enum class Way : std::uint8_t { Symbol, Scan };
  Way way = Way::Scan;          ///< how allgs was found
  bool main_goroutine = false;  ///< the first of allgs is goroutine 1, started with runtime.main: no doubt is left
  bool calibrated = false;      ///< offsets were moved to where this process has the fields
  bool from_dwarf = false;      ///< offsets of structs were read from the executable's DWARF
  unsigned other_modules = 0;   ///< plugins: their code has no names here
  std::vector<std::string> warnings;

  /// From 0 to 1: how sure it is that goroutines are read from the right places.
  [[nodiscard]] double confidence() const;
  /// "runtime.allgs by its symbol; offsets of Go 1.26".
  [[nodiscard]] std::string how() const;
  [[nodiscard]] std::uint64_t to_file(std::uint64_t address) const { return address - bias; }
};

/// Finds the runtime, with symbols where there are any and without where there are none.
///
/// Errors  Unsupported: the executable is not of Go, or older than Go 1.18, or no 64-bit little-endian one.
///         Malformed: the memory contradicts the executable, or no list of goroutines was found in it.
/// Cost    one pass over the process's writable data (not the heap), some 10 ms for 100 MB of it.
/// Source  runtime/symtab.go moduledata, runtime/proc.go allgs, runtime/runtime2.go g and waitReasonStrings;
///         reference/process-image.md section 3.
Result<GoRuntime> find_runtime(const Target& target);

/// Does a g with these bytes (layout.g.size of them) look like one?
bool is_plausible_g(const GoRuntime& runtime, std::string_view bytes);

}  // namespace gopsy::process
