#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "model/symbols.h"
#include "process/runtime/go_runtime.h"

namespace gopsy::process {

/// One function at one address: a call that was inlined has one of its own.
struct CodeFrame {
  StringId function;  ///< as tracebacks print it: "panic" for runtime.gopanic, "main.F[...]"
  StringId file;
  std::uint32_t line = 0;
  bool inlined = false;
};

/// Functions at which a stack does not simply go on.
enum class CodeRole : std::uint8_t {
  Plain,
  SystemStack,  ///< runs on g0, called from a goroutine: it goes on where that was
  LeftStack,    ///< mcall, morestack: the goroutine stopped where its g says
  Signal,       ///< sigtramp: the kernel called it, and keeps the registers above
  Injected,     ///< sigpanic, asyncPreempt: the frame above did not call it, it was stopped in the middle
  CgoCallback,  ///< switches from C's stack to the goroutine's, both of which can be walked
  DiesOfPanic,  ///< fatalpanic: whoever it runs for ends the process
  DiesOfThrow,  ///< throw, fatal: the same for a fatal error
};

/// What a frame at one address is.
struct Code {
  std::uint64_t entry = 0;  ///< in the process
  std::int64_t frame_bytes = -1;
  std::uint8_t flags = 0;  ///< of binary::Pclntab::Unwind
  CodeRole role = CodeRole::Plain;
  std::uint32_t first_frame = 0;  ///< CodeMap::frames_of, innermost first
  std::uint32_t frame_count = 0;
  std::string_view arguments;  ///< FUNCDATA_ArgInfo and what follows; empty: none
  std::string_view liveness;   ///< FUNCDATA_ArgLiveInfo
  std::int64_t liveness_index = -1;
  StringId last_arguments;  ///< what was printed at the last visit: mostly it is the same again
};

/// Frames by address: 100,000 goroutines stand at a few hundred of them.
///
/// Cost    a look into a small table for an address seen before; else a walk over the function's tables.
class CodeMap {
 public:
  CodeMap(const GoRuntime& runtime, model::Symbols& symbols) : runtime_(runtime), symbols_(symbols) {}

  /// The function at an address of the process; null outside Go's code. `exact`: the instruction itself was stopped at;
  /// otherwise the address is one that a call returns to, and the call stands before it.
  Code* at(std::uint64_t pc, bool exact);

  [[nodiscard]] std::span<const CodeFrame> frames_of(const Code& code) const {
    return std::span(frames_).subspan(code.first_frame, code.frame_count);
  }
  /// How tracebacks print a function's name.
  StringId printed_name(std::string_view function);

 private:
  Code* look_up(std::uint64_t pc, bool exact);

  struct Recent {
    std::uint64_t key = 0;
    Code* code = nullptr;
  };
  static constexpr std::size_t kRecent = 1024;
  static constexpr std::size_t kMostAddresses = std::size_t{1} << 20;  // a hostile memory cannot fill ours

  const GoRuntime& runtime_;
  model::Symbols& symbols_;
  std::array<Recent, kRecent> recent_{};
  std::unordered_map<std::uint64_t, Code*> known_;
  std::deque<Code> codes_;
  std::vector<CodeFrame> frames_;
};

}  // namespace gopsy::process
