#include <algorithm>
#include <array>

#include "analyze/crash.h"

namespace gopsy::analyze {
namespace {

enum class At : std::uint8_t { Start, Anywhere, Whole };

struct Text {
  At at;
  std::string_view words;
  CrashKind kind;
};

CrashKind look_up(std::span<const Text> table, std::string_view text, CrashKind otherwise) {
  const auto matches = [text](const Text& row) {
    switch (row.at) {
      case At::Start: return text.starts_with(row.words);
      case At::Anywhere: return text.contains(row.words);
      case At::Whole: return text == row.words;
    }
    return false;
  };
  const auto found = std::ranges::find_if(table, matches);
  return found == table.end() ? otherwise : found->kind;
}

using enum CrashKind;

// Panic values made by the runtime and the standard library. Those of runtime.Error carry a prefix; the
// plainError ones do not and are matched whole or by their fixed start.
constexpr std::array kPanicTexts{
    Text{At::Start, "runtime error: invalid memory address or nil pointer dereference", NilDereference},
    Text{At::Start, "runtime error: index out of range", IndexOutOfRange},
    Text{At::Start, "runtime error: slice bounds out of range", SliceBounds},
    Text{At::Start, "runtime error: cannot convert slice with length", SliceBounds},
    Text{At::Start, "runtime error: integer divide by zero", DivideByZero},
    Text{At::Start, "runtime error: negative shift amount", NegativeShift},
    Text{At::Start, "runtime error: makeslice:", MakeSize},
    Text{At::Start, "runtime error: growslice:", MakeSize},
    Text{At::Start, "runtime error: makechan:", MakeSize},
    Text{At::Start, "runtime error: unsafe.Slice", MakeSize},
    Text{At::Start, "runtime error: unsafe.String", MakeSize},
    Text{At::Start, "runtime error: hash of unhashable type", Uncomparable},
    Text{At::Start, "runtime error: comparing uncomparable type", Uncomparable},
    Text{At::Start, "runtime error: cgo ", CgoPointer},
    Text{At::Start, "runtime error: argument of cgo function", CgoPointer},
    Text{At::Start, "runtime error: result of Go function", CgoPointer},
    Text{At::Start, "runtime error: panic called with nil argument", NilPanic},
    Text{At::Start, "panic called with nil argument", NilPanic},
    Text{At::Whole, "nil", NilPanic},
    Text{At::Whole, "assignment to entry in nil map", NilMapWrite},
    Text{At::Whole, "send on closed channel", SendOnClosed},
    Text{At::Whole, "close of closed channel", CloseOfClosed},
    Text{At::Whole, "close of nil channel", CloseOfNil},
    Text{At::Start, "makechan: size out of range", MakeSize},
    Text{At::Start, "interface conversion: ", TypeAssertion},
    Text{At::Whole, "sync: negative WaitGroup counter", WaitGroupNegative},
    Text{At::Start, "sync: WaitGroup is reused", WaitGroupReuse},
    Text{At::Start, "sync: WaitGroup misuse", WaitGroupReuse},
    Text{At::Start, "deadlock: all goroutines in bubble are blocked", Deadlock},
    Text{At::Start, "deadlock: main bubble goroutine has exited", Deadlock},
    Text{At::Start, "test timed out after ", TestTimeout},
};

constexpr std::array kFatalTexts{
    Text{At::Whole, "stack overflow", StackOverflow},
    Text{At::Start, "all goroutines are asleep", Deadlock},
    Text{At::Start, "no goroutines (main called runtime.Goexit)", MainGoexit},
    Text{At::Start, "concurrent map ", ConcurrentMap},
    Text{At::Anywhere, "nlock of unlocked ", UnlockOfUnlocked},
    Text{At::Start, "go of nil func value", GoNilFunc},
    Text{At::Start, "out of memory", OutOfMemory},
    Text{At::Start, "runtime: out of memory", OutOfMemory},
    Text{At::Start, "runtime: cannot allocate memory", OutOfMemory},
    Text{At::Start, "runtime: cannot reserve arena", OutOfMemory},
    Text{At::Start, "thread exhaustion", ThreadLimit},
    Text{At::Start, "newosproc", ThreadLimit},
    Text{At::Start, "runtime.newosproc", ThreadLimit},
    Text{At::Start, "panic while printing panic value", PanicWhilePrinting},
    Text{At::Start, "unexpected signal during runtime execution", RuntimeSignal},
    Text{At::Start, "found bad pointer in Go heap", BadPointer},
    Text{At::Start, "checkptr: ", BadPointer},
    Text{At::Start, "invalid pointer found on stack", BadPointer},
    Text{At::Start, "sweep increased allocation count", BadPointer},
    Text{At::Start, "cgo argument has Go pointer", CgoPointer},
    Text{At::Start, "cgo result ", CgoPointer},
    Text{At::Start, "fault", BadAddress},
};

}  // namespace

CrashKind kind_of_panic(std::string_view text) {
  if (text.ends_with(" pointer") && text.starts_with("value method ") && text.contains(" called using nil "))
    return NilDereference;
  if (text.starts_with("value method ")) return ExplicitPanic;
  return look_up(kPanicTexts, text, ExplicitPanic);
}

CrashKind kind_of_fatal(std::string_view text) { return look_up(kFatalTexts, text, Unknown); }

}  // namespace gopsy::analyze
