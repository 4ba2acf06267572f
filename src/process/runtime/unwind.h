#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "process/runtime/code.h"
#include "process/runtime/stack_memory.h"

namespace gopsy::process {

/// A frame of the machine stack.
struct StackFrame {
  Code* code = nullptr;
  std::uint64_t pc = 0;
  std::uint64_t sp = 0;
  std::uint64_t fp = 0;  ///< the SP of the caller
};

/// Where a goroutine, or what runs for it, stands.
struct StackStart {
  std::uint64_t pc = 0;
  std::uint64_t sp = 0;
  std::uint64_t lr = 0;
  bool exact = false;        ///< registers of a stopped thread: the instruction at pc was stopped at
  bool system_call = false;  ///< what the function does to SP it did after it had left these words
};

/// A goroutine that runs on another stack left this behind.
struct LeftAt {
  std::uint64_t pc = 0;
  std::uint64_t sp = 0;
  std::uint64_t lr = 0;
};

/// A stack, innermost frame first. Of one with millions of frames the innermost and the outermost stand here.
struct WalkedStack {
  enum class End : std::uint8_t {
    Bottom,      ///< a function that nothing calls: the stack is whole
    Unknown,     ///< the return address is in no Go function: C code, or damage
    Missing,     ///< the memory ends inside the stack
    Stuck,       ///< it led back into itself
    MovesStack,  ///< assembly that switches stacks: its frame cannot be measured
    NoFrame,     ///< a function without a table
  };

  std::vector<StackFrame> frames;
  std::size_t inner = 0;       ///< frames[0 .. inner) are the innermost; the others the outermost
  std::uint64_t left_out = 0;  ///< source frames between them, inlined ones counted
  End end = End::Bottom;
  bool crossed_signal = false;  ///< what the handler did is not in `frames`
  enum class Death : std::uint8_t { None, Panic, Throw };
  Death death = Death::None;            ///< what ended the process runs on this stack, in a part that was dropped too
  std::optional<HandledSignal> signal;  ///< the outermost that was handled; not one the runtime raised itself
};

/// Walks stacks by the function table: exact for all Go code, no frame pointers needed.
///
/// Shape   frames on g0 called through systemstack go on in the goroutine; what stands above a signal frame, or above
///         morestack and mcall, belongs to the runtime and is dropped.
/// Cost    linear in the frames, some 15 ns each where their addresses were seen before; keeps at most kMostKept.
/// Source  runtime/traceback.go unwinder.resolveInternal and next (1.21), gentraceback (before);
///         arch/x86/include/asm/sigframe.h, arch/arm64/kernel/signal.c; reference/process-image.md section 4.
class StackWalker {
 public:
  static constexpr std::size_t kInner = 512;
  static constexpr std::size_t kOuter = 512;
  static constexpr std::size_t kMostKept = kInner + kOuter;

  StackWalker(const GoRuntime& runtime, CodeMap& code) : runtime_(runtime), code_(code) {}

  /// `left`: where the goroutine stands while its thread is on another stack; none: the start is on its own. Yields a
  /// stack that is valid until the next call.
  const WalkedStack& walk(const StackStart& start, const std::optional<LeftAt>& left, StackMemory& stack);

 private:
  struct Here {
    StackFrame frame;
    std::uint64_t lr = 0;
    bool exact = false;
    bool innermost = true;
    bool system_call = false;  // see StackStart
  };

  bool step(Here& here, StackMemory& stack);
  bool cross_signal(Here& here, StackMemory& stack);
  bool leave(Here& here);
  bool stop(WalkedStack::End end);
  void keep(const StackFrame& frame);
  void restart();
  void put_outer_in_order();

  const GoRuntime& runtime_;
  CodeMap& code_;
  WalkedStack result_;
  std::optional<LeftAt> left_;
  std::uint64_t kept_ = 0;  // frames seen in all
};

}  // namespace gopsy::process
