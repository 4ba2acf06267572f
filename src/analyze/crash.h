#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/evidence.h"

namespace gopsy::analyze {

/// What ended (or would have ended) a process, told from the words of the runtime alone.
/// Source  runtime/error.go, runtime/panic.go, runtime/chan.go, runtime/map*.go, sync/*.go, runtime/signal_unix.go;
///         the texts by version stand in reference/text-evidence.md section 1a.
enum class CrashKind : std::uint8_t {
  Unknown,
  ExplicitPanic,  ///< panic(v) by the program: no runtime text
  NilPanic,
  StackOverflow,
  NilDereference,
  BadAddress,
  BusError,
  NilMapWrite,
  IndexOutOfRange,
  SliceBounds,
  TypeAssertion,
  DivideByZero,
  NegativeShift,
  Uncomparable,
  MakeSize,
  SendOnClosed,
  CloseOfClosed,
  CloseOfNil,
  WaitGroupNegative,
  WaitGroupReuse,
  ConcurrentMap,
  UnlockOfUnlocked,
  GoNilFunc,
  OutOfMemory,
  ThreadLimit,
  PanicWhilePrinting,
  CgoSignal,
  CHeapCorruption,
  CgoPointer,
  IllegalInstruction,
  ArithmeticSignal,
  Abort,
  ExternalSignal,
  RuntimeSignal,
  BadPointer,
  Deadlock,
  MainGoexit,
  Sigquit,
  Terminated,
  TestTimeout,
};

/// One traceback with a cause, and the places in it that matter.
struct Crash {
  const model::Evidence* evidence = nullptr;
  const model::Traceback* traceback = nullptr;
  const model::Symbols* symbols = nullptr;
  CrashKind kind = CrashKind::Unknown;
  std::string_view text;        ///< the words that name it: oldest panic value, fatal text or signal name
  std::uint32_t text_line = 0;  ///< of the log
  const model::Goroutine* goroutine = nullptr;    ///< the one that crashed; null if none was printed
  std::span<const model::TracebackFrame> frames;  ///< its frames, leaf first
  const model::TracebackFrame* root = nullptr;    ///< the first frame outside the runtime below the lowest `panic(`
  const model::TracebackFrame* user = nullptr;    ///< the first from there on that is not of the standard library

  [[nodiscard]] std::string_view name(StringId id) const { return symbols->text(id); }
  [[nodiscard]] std::string_view function(const model::TracebackFrame& frame) const {
    return symbols->text(frame.function);
  }
  /// Where the program's own code was: `user`, else `root`; null if no frame was printed.
  [[nodiscard]] const model::TracebackFrame* place() const { return user != nullptr ? user : root; }
};

/// Every traceback of the evidence, in order, dumps included (kind Unknown, goroutine null).
std::vector<Crash> crashes_of(const model::Incident& incident);

/// The kind a panic value names; ExplicitPanic for any text that is not the runtime's.
CrashKind kind_of_panic(std::string_view text);

/// The kind that a fatal error's text names; Unknown for a text not known.
CrashKind kind_of_fatal(std::string_view text);

}  // namespace gopsy::analyze
