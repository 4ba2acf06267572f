#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/ids.h"
#include "base/string_table.h"

namespace gopsy::model {

using FrameId = Id<struct FrameTag>;

/// How a frame came to stand in a stack.
enum class FrameKind : std::uint8_t {
  Physical,  ///< has a frame of its own on the machine stack
  Inlined,   ///< expanded into its caller by the compiler
  Marker,    ///< not code: "[truncated at 64]", "[31 frames elided]", a label, a fold of a cycle
};

/// Whose code a function is, as a set of bits; none of them: the program's own, or a module's.
struct Origin {
  enum Bit : std::uint8_t {
    StandardLibrary = 1,  ///< is_standard_library
    Runtime = 2,          ///< is_runtime
    Sync = 4,             ///< of package sync, or of the internal package that backs it
    NoPackage = 8,        ///< C code, a bare address
  };
};

/// One place in a program.
struct Frame {
  StringId function;  ///< full text as the evidence spells it
  StringId file;
  std::uint32_t line = 0;  ///< 0 = unknown
  FrameKind kind = FrameKind::Physical;

  friend bool operator==(const Frame&, const Frame&) = default;
};

/// Names and frames of one run, shared by all evidence in it, so that a function in a crash log and the
/// same function in a profile are one id. Stacks are trees of the evidence that has them.
class Symbols {
 public:
  Symbols();

  StringTable strings;

  StringId intern(std::string_view text) { return strings.intern(text); }
  [[nodiscard]] std::string_view text(StringId id) const { return strings.text(id); }

  FrameId frame(const Frame& frame);
  [[nodiscard]] const Frame& frame(FrameId id) const { return frames_[id.value]; }
  [[nodiscard]] std::size_t frame_count() const { return frames_.size(); }

  /// One id for all spellings of a function: see `canonical_function`. Cached per id.
  StringId canonical(StringId function);

  /// A set of Origin bits, worked out once for each name: a dump of 100,000 goroutines has a million frames and a few
  /// hundred names. Not for several threads at once.
  [[nodiscard]] std::uint8_t origin(StringId function) const {
    if (function.value < origins_.size() && origins_[function.value] != kUnknown) return origins_[function.value];
    return find_origin(function);
  }
  [[nodiscard]] bool is_standard_library(StringId function) const {
    return (origin(function) & Origin::StandardLibrary) != 0;
  }

 private:
  struct FrameHash {
    std::size_t operator()(const Frame& frame) const noexcept;
  };

  std::vector<Frame> frames_;
  std::unordered_map<Frame, FrameId, FrameHash> frame_ids_;
  static constexpr std::uint8_t kUnknown = 0x80;
  std::uint8_t find_origin(StringId function) const;

  std::unordered_map<StringId, StringId> canonical_;
  mutable std::vector<std::uint8_t> origins_;
};

/// The function's name without what differs between Go's printers and versions: `F[go.shape.int]`
/// (profiles, since 1.21) and `F[...]` (panics, traces) both become `F`; `%2e` becomes `.`.
///
/// Source  cmd/internal/objabi PathToPrefix (escapes), runtime.funcNameForPrint ("[...]");
///         reference/flame-graph.md section 6.
std::string canonical_function(std::string_view function);

/// The function's name for people with little room: the last element of the import path, then
/// receiver and function: "github.com/a/b/v2/store.(*DB).Get" -> "store.(*DB).Get".
std::string short_function(std::string_view function);

/// The import path of the function's package: "net/http" of "net/http.(*conn).serve".
std::string_view package_of(std::string_view function);

/// True for the packages that come with Go (and the bare `panic` of tracebacks): the first element of
/// the import path is one of the standard library's, so a module named without a dot is not mistaken.
bool is_standard_library(std::string_view function);

/// True for the runtime itself, its internals, and the bare `panic` that tracebacks print for gopanic.
bool is_runtime(std::string_view function);

}  // namespace gopsy::model
