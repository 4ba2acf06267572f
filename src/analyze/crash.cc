#include "analyze/crash.h"

#include <algorithm>
#include <array>

#include "analyze/overflow.h"

namespace gopsy::analyze {
namespace {

using model::Cause;
using model::Traceback;
using model::TracebackFrame;
using model::WaitKind;

constexpr std::int64_t kSentByProcess = 0;  // SI_USER; anything above 0 comes from the kernel

// The goroutine a traceback is about: the first that ran, else (a signal on a system stack) the first
// that was in C code or a system call, else the first that is a goroutine at all.
const model::Goroutine* crashed_goroutine(const Traceback& traceback) {
  const auto first = [&](auto&& fits) -> const model::Goroutine* {
    const auto found = std::ranges::find_if(traceback.goroutines, fits);
    return found == traceback.goroutines.end() ? nullptr : &*found;
  };
  const auto in_state = [](WaitKind kind) {
    return [kind](const model::Goroutine& g) { return !g.system && g.wait == kind && g.frame_count > 0; };
  };
  if (const auto* running = first(in_state(WaitKind::Running))) return running;
  if (const auto* in_c = first(in_state(WaitKind::Syscall))) return in_c;
  const auto* any = first([](const model::Goroutine& g) { return !g.system; });
  return any != nullptr ? any : first([](const model::Goroutine&) { return true; });
}

// Frames that carry the program's package name but are none of its lines: cgo's call stubs, and closures of the
// standard library that were inlined into it ("main.main.OnceFunc.func1" of sync/oncefunc.go).
bool written_by_hand(const Crash& crash, const TracebackFrame& frame) {
  const std::string_view file = crash.name(frame.file);
  if (file.ends_with("_cgo_gotypes.go")) return false;
  const auto source = file.find("/src/");
  if (source == std::string_view::npos) return true;
  const std::string_view root = file.substr(0, source);
  const std::string_view last = root.substr(root.rfind('/') + 1);
  const bool goroot = last == "go" || last.starts_with("go-1.") || last.starts_with("go1.") || last.contains("-go1.");
  return !goroot || !model::is_standard_library(file.substr(source + 5));
}

void locate(Crash& crash) {
  crash.goroutine = crashed_goroutine(*crash.traceback);
  if (crash.goroutine == nullptr) return;
  crash.frames = crash.traceback->frames_of(*crash.goroutine);
  // Deferred calls that panicked again stand above the first panic: its cause is below the lowest `panic(`.
  std::size_t below = 0;
  for (std::size_t i = 0; i < crash.frames.size(); ++i)
    if (crash.function(crash.frames[i]) == "panic") below = i + 1;
  for (std::size_t i = below; i < crash.frames.size() && crash.user == nullptr; ++i) {
    const std::string_view function = crash.function(crash.frames[i]);
    if (crash.root == nullptr && !model::is_runtime(function)) crash.root = &crash.frames[i];
    if (!model::is_standard_library(function) && function != "non-Go function" &&
        written_by_hand(crash, crash.frames[i]))
      crash.user = &crash.frames[i];
  }
}

// The leaf of an overflowing stack is whatever happened to be called last; the place is the recursion.
void locate_recursion(Crash& crash) {
  const Overflow overflow = overflow_of(crash);
  if (overflow.cycle.empty()) return;
  crash.root = crash.user = overflow.first;
}

bool lead_contains(const Crash& crash, std::string_view words) {
  return std::ranges::any_of(crash.traceback->lead,
                             [&](const model::LogLine& lead) { return crash.name(lead.text).contains(words); });
}

bool libc_complained(const Crash& crash) {
  constexpr std::array<std::string_view, 9> kWords{
      "free(): ",         "double free", "malloc(): ",     "malloc_consolidate(): ", "realloc(): ",
      "munmap_chunk(): ", "corrupted ",  "stack smashing", "buffer overflow"};
  return std::ranges::any_of(kWords, [&](std::string_view words) { return lead_contains(crash, words); });
}

// A throw without its words (SetCrashOutput): the function that threw tells.
CrashKind kind_of_thrower(const Crash& crash) {
  for (const TracebackFrame& frame : crash.frames) {
    const std::string_view function = crash.function(frame);
    if (function == "internal/runtime/maps.fatal" || function.starts_with("runtime.map"))
      return CrashKind::ConcurrentMap;
    if (function.ends_with(".unlockSlow") || function == "sync.(*RWMutex).RUnlock" ||
        function.ends_with(".rUnlockSlow") || function == "sync.(*RWMutex).Unlock")
      return CrashKind::UnlockOfUnlocked;
    if (function == "runtime.newstack") return CrashKind::StackOverflow;
    if (function == "runtime.checkmcount" || function == "runtime.newosproc") return CrashKind::ThreadLimit;
    if (function == "runtime.newproc1") return CrashKind::GoNilFunc;
    if (!model::is_standard_library(function)) break;
  }
  return CrashKind::Unknown;
}

bool in_cgo_call(const Crash& crash) {
  return !crash.frames.empty() && crash.function(crash.frames[0]) == "runtime.cgocall";
}

CrashKind kind_of_signal(const Crash& crash) {
  const model::Signal& signal = *crash.traceback->signal;
  const std::string_view name = crash.name(signal.name);
  const auto is = [name](std::string_view word) {
    return name.starts_with(word) && (name.size() == word.size() || name[word.size()] == ':');
  };
  if (is("SIGQUIT")) return CrashKind::Sigquit;
  if (is("SIGTERM") || is("SIGINT") || is("SIGHUP")) return CrashKind::Terminated;
  if (is("SIGABRT")) {
    if (libc_complained(crash)) return CrashKind::CHeapCorruption;
    if (lead_contains(crash, "pthread_create failed")) return CrashKind::ThreadLimit;
    return CrashKind::Abort;
  }
  if (signal.code == kSentByProcess) return CrashKind::ExternalSignal;
  if (is("SIGILL") || is("SIGTRAP")) return CrashKind::IllegalInstruction;
  if (is("SIGFPE")) return CrashKind::ArithmeticSignal;
  if (is("SIGBUS")) return CrashKind::BusError;
  if (is("SIGSEGV")) {
    return signal.during_cgo || in_cgo_call(crash) ? CrashKind::CgoSignal : CrashKind::RuntimeSignal;
  }
  return CrashKind::Unknown;
}

CrashKind kind_of_fatal_traceback(const Crash& crash) {
  const Traceback& traceback = *crash.traceback;
  if (traceback.fatal.none()) return kind_of_thrower(crash);
  const CrashKind kind = kind_of_fatal(crash.text);
  if (!traceback.signal) return kind;
  const std::string_view signal = crash.name(traceback.signal->name);
  if (traceback.signal->code == kSentByProcess && kind != CrashKind::PanicWhilePrinting)
    return CrashKind::ExternalSignal;
  if (kind == CrashKind::BadAddress && signal.starts_with("SIGBUS")) return CrashKind::BusError;
  // Up to Go 1.21 a fault in C code was thrown from the signal stack like one of the runtime itself.
  if (kind == CrashKind::RuntimeSignal && in_cgo_call(crash)) return CrashKind::CgoSignal;
  return kind;
}

// With SetPanicOnFault a fault at a mapped-nowhere address is an ordinary panic with the nil text; the
// runtime calls it nil only below 4096 (signal_unix.go sigpanic).
CrashKind kind_of_panic_traceback(const Crash& crash) {
  const CrashKind kind = kind_of_panic(crash.text);
  const auto& signal = crash.traceback->signal;
  if (kind != CrashKind::NilDereference || !signal) return kind;
  if (signal->code == kSentByProcess) return CrashKind::ExternalSignal;
  if (crash.name(signal->name).starts_with("SIGBUS")) return CrashKind::BusError;
  return signal->address.value_or(0) >= 4096 ? CrashKind::BadAddress : kind;
}

void name_it(Crash& crash) {
  const Traceback& traceback = *crash.traceback;
  switch (traceback.cause) {
    case Cause::Dump: return;
    case Cause::Panic:
    case Cause::Recovered:
      if (!traceback.panics.empty()) {
        crash.text = crash.name(traceback.panics.front().text);
        crash.text_line = traceback.panics.front().log_line;
      }
      // Go 1.26 may end a panic chain in a fatal error (printPreFatalDeferPanic): that is what killed it.
      if (!traceback.fatal.none() && kind_of_fatal(crash.name(traceback.fatal)) != CrashKind::Unknown) break;
      crash.kind = kind_of_panic_traceback(crash);
      return;
    case Cause::Fatal: break;
    case Cause::Signal:
      crash.text = crash.name(traceback.signal->name);
      crash.text_line = traceback.signal->log_line;
      crash.kind = kind_of_signal(crash);
      return;
  }
  crash.text = crash.name(traceback.fatal);
  crash.text_line = traceback.fatal_line != 0 ? traceback.fatal_line : traceback.first_line;
  crash.kind = kind_of_fatal_traceback(crash);
}

}  // namespace

std::vector<Crash> crashes_of(const model::Incident& incident) {
  std::vector<Crash> crashes;
  for (const model::Evidence& evidence : incident.evidence) {
    if (!evidence.log) continue;
    for (const Traceback& traceback : evidence.log->tracebacks) {
      Crash crash{.evidence = &evidence, .traceback = &traceback, .symbols = &incident.symbols};
      if (traceback.cause != Cause::Dump) locate(crash);
      name_it(crash);
      if (crash.kind == CrashKind::StackOverflow) locate_recursion(crash);
      crashes.push_back(crash);
    }
  }
  return crashes;
}

}  // namespace gopsy::analyze
