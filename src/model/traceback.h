#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/ids.h"
#include "model/race_report.h"
#include "model/runtime_log.h"
#include "model/symbols.h"

namespace gopsy::model {

struct WaitFacts;

/// One frame as a traceback prints it. Numbers that were not printed are 0. A dump of a busy server has a million of
/// them, so what only some have stands elsewhere.
struct TracebackFrame {
  StringId function;
  /// The text between the parentheses; "..." for an inlined frame. Compare the texts, not the ids: nearly all differ,
  /// so equal ones may have ids of their own. `parse_arguments` (model/arguments.h) reads it.
  StringId args;
  StringId file;
  std::uint32_t line = 0;
  std::uint32_t pc_offset = 0;  ///< +0x…, from the function's entry
  std::uint32_t log_line = 0;   ///< where the log has it
  std::uint32_t pointers = 0;   ///< see Traceback::pointers_of
  bool inlined = false;
};

/// What GOTRACEBACK=system and throws of the runtime print behind a frame; a frame of C code has its pc only.
struct FramePointers {
  std::uint64_t fp = 0;
  std::uint64_t sp = 0;
  std::uint64_t pc = 0;
};

/// The state in a goroutine header, by meaning; the words differ between Go versions.
enum class WaitKind : std::uint8_t {
  None,  ///< a status of no further interest (dead, copystack, preempted, …)
  Running,
  Runnable,
  Syscall,
  ChanReceive,
  ChanSend,
  ChanReceiveNil,
  ChanSendNil,
  Select,
  SelectNoCases,
  MutexLock,
  RWMutexRLock,
  RWMutexLock,
  WaitGroupWait,
  CondWait,
  Semacquire,  ///< a lock or WaitGroup before 1.20 / 1.24; the frames tell which
  Sleep,
  IoWait,
  RuntimeIdle,  ///< the runtime's own helpers: GC workers, finalizer, scavenger, timers
};

struct GoroutineLabel {
  StringId key;
  StringId value;
};

/// A goroutine of a traceback.
struct Goroutine {
  std::uint64_t id = 0;
  StringId state;  ///< the reason as printed: "chan receive"
  WaitKind wait = WaitKind::None;
  std::uint32_t minutes = 0;  ///< 0: the runtime printed none. Not block time: see text-evidence.md fact 4
  bool locked_to_thread = false;
  bool leaked = false;            ///< a goroutineleak profile marked it
  bool scanned = false;           ///< "(scan)": a garbage collection was looking at its stack
  bool durable = false;           ///< "(durable)": only its synctest bubble can wake it
  bool system = false;            ///< goroutine 0, or the `runtime stack:` of a fault on g0
  bool other_thread = false;      ///< "goroutine running on other thread; stack unavailable"
  bool cut = false;               ///< the text ends inside this goroutine
  std::uint64_t bubble = 0;       ///< "synctest bubble N" ("group" in 1.24)
  std::uint64_t gp = 0;           ///< address of the g, since 1.22 at GOTRACEBACK=system and in throws
  std::int64_t thread = -1;       ///< m=N of the same; -1: none (m=nil), or not printed
  std::uint32_t first_frame = 0;  ///< frames[first_frame .. first_frame + frame_count), leaf first
  std::uint32_t frame_count = 0;
  /// The first goroutine of this traceback whose stack has the same functions and lines in the same order, itself if
  /// there is none before it: a question about a stack need be asked once for a crowd. UINT32_MAX: nobody compared.
  std::uint32_t same_stack_as = UINT32_MAX;
  std::uint64_t elided_frames = 0;  ///< how many the runtime left out; kElidedUnknown if it did not say
  std::uint32_t elided_after = 0;   ///< … after this many printed frames
  StringId created_by;              ///< empty for main and system goroutines
  StringId created_file;
  std::uint32_t created_line = 0;
  std::uint64_t creator = 0;         ///< goroutine id, 0 before Go 1.21
  std::uint32_t first_ancestor = 0;  ///< Traceback::ancestors_of
  std::uint32_t ancestors = 0;       ///< blocks of GODEBUG=tracebackancestors, the parent first
  std::uint32_t first_label = 0;
  std::uint32_t label_count = 0;
  std::uint32_t log_line = 0;

  static constexpr std::uint64_t kElidedUnknown = UINT64_MAX;
};

/// How a goroutine came to be: the stack that its creator, or the creator's creator, had when it said `go`.
struct Ancestor {
  std::uint64_t id = 0;           ///< of the goroutine that had the stack
  std::uint32_t first_frame = 0;  ///< ancestor_frames[first_frame .. first_frame + frame_count), leaf first
  std::uint32_t frame_count = 0;
  bool elided = false;  ///< more than 50 frames: the outermost are not printed
  StringId created_by;
  StringId created_file;
  std::uint32_t created_line = 0;
  std::uint32_t log_line = 0;
};

/// A machine register of the trailer of a signal crash: "rip", "lr", …
struct Register {
  StringId name;
  std::uint64_t value = 0;
};

/// One value of a panic chain, oldest first.
struct PanicValue {
  StringId text;
  bool recovered = false;   ///< "[recovered]": a deferred call recovered it, a later panic ended the process
  bool repanicked = false;  ///< "[recovered, repanicked]": the same value again, since Go 1.25
  std::uint32_t log_line = 0;
};

/// A signal, from the bracketed line after a panic or from the header of a signal crash.
struct Signal {
  StringId name;          ///< "SIGSEGV: segmentation violation"
  std::int64_t code = 0;  ///< si_code: 0 = sent by a process, -6 = by itself (tgkill), > 0 = by the kernel
  std::optional<std::uint64_t> address;
  std::optional<std::uint64_t> pc;
  bool during_cgo = false;
  bool header = false;               ///< "SIGSEGV: …\nPC=… m=… sigcode=…": the runtime could not turn it into a panic
  StringId instructions;             ///< "instruction bytes: …"
  std::int64_t thread = -1;          ///< m=N of the header
  std::uint32_t first_register = 0;  ///< Traceback::registers_of
  std::uint32_t register_count = 0;
  std::uint32_t log_line = 0;
};

/// A block that a thread printed after the crash (GOTRACEBACK=crash hands the signal from thread to thread).
struct ThreadBlock {
  Signal signal;
  std::uint32_t first_goroutine = 0;  ///< goroutines[first_goroutine .. first_goroutine + goroutine_count)
  std::uint32_t goroutine_count = 0;
};

struct LogLine {
  StringId text;
  std::uint32_t number = 0;
};

/// Why a traceback was printed.
enum class Cause : std::uint8_t {
  Dump,       ///< asked for: debug=2, runtime.Stack; nothing died here
  Panic,      ///< "panic: …" ended the process
  Fatal,      ///< "fatal error: …" ended the process
  Signal,     ///< a signal header ended the process
  Recovered,  ///< the stack of a panic that was recovered and logged; the process lived on
};

/// One traceback of a log: its header and the goroutines under it.
///
/// Source  runtime/panic.go printpanics and fatalthrow, runtime/signal_unix.go sighandler,
///         runtime/traceback.go goroutineheader and traceback1; reference/text-evidence.md section 1.
struct Traceback {
  Cause cause = Cause::Dump;
  std::vector<LogLine> before;  ///< the last ordinary lines of the log above it, oldest first
  std::vector<LogLine> lead;    ///< "runtime: goroutine stack exceeds …", glibc's words, …
  std::vector<PanicValue> panics;
  StringId fatal;  ///< text after "fatal error: "
  std::uint32_t fatal_line = 0;
  std::optional<Signal> signal;
  std::vector<Goroutine> goroutines;
  std::vector<TracebackFrame> frames;
  std::vector<GoroutineLabel> labels;
  std::vector<FramePointers> pointers;
  std::vector<Ancestor> ancestors;
  std::vector<TracebackFrame> ancestor_frames;
  std::vector<Register> registers;
  std::vector<ThreadBlock> threads;  ///< the blocks after "-----"; the first block is the traceback's own
  std::uint32_t first_line = 0;
  std::uint32_t last_line = 0;
  bool cut = false;             ///< the text ends inside this traceback
  std::uint32_t bad_lines = 0;  ///< lines between its goroutines that fit no rule of the grammar
  /// Of a process's memory, with indexes into `goroutines` and `frames`; null: a text, which does not know.
  std::shared_ptr<const WaitFacts> waits;

  [[nodiscard]] std::span<const TracebackFrame> frames_of(const Goroutine& g) const {
    return std::span(frames).subspan(g.first_frame, g.frame_count);
  }
  [[nodiscard]] std::span<const GoroutineLabel> labels_of(const Goroutine& g) const {
    return std::span(labels).subspan(g.first_label, g.label_count);
  }
  [[nodiscard]] FramePointers pointers_of(const TracebackFrame& frame) const {
    return frame.pointers == 0 ? FramePointers{} : pointers[frame.pointers - 1];
  }
  [[nodiscard]] std::span<const Ancestor> ancestors_of(const Goroutine& g) const {
    return std::span(ancestors).subspan(g.first_ancestor, g.ancestors);
  }
  [[nodiscard]] std::span<const TracebackFrame> frames_of(const Ancestor& ancestor) const {
    return std::span(ancestor_frames).subspan(ancestor.first_frame, ancestor.frame_count);
  }
  [[nodiscard]] std::span<const Register> registers_of(const Signal& s) const {
    return std::span(registers).subspan(s.first_register, s.register_count);
  }
  /// Did the process end with it?
  [[nodiscard]] bool fatal_end() const { return cause != Cause::Dump && cause != Cause::Recovered; }
};

/// A text log: what the Go runtime wrote into it, and how it ends.
struct Log {
  std::vector<Traceback> tracebacks;
  Races races;
  std::vector<LogLine> notices;  ///< single lines of interest: "exit status 2", "signal: killed", "http: panic serving
                                 ///< …", "fatal error: …" without a stack
  LogLine last;                  ///< the last line of the process itself: not blank, no "exit status 1" of a wrapper
  RuntimeLog runtime;            ///< lines of GODEBUG=gctrace and its like
  std::uint32_t lines = 0;
  bool ends_in_newline = true;
};

}  // namespace gopsy::model
