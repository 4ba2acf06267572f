#include "process/runtime/crash.h"

#include <algorithm>
#include <array>
#include <unordered_set>

#include "base/format.h"
#include "base/text.h"
#include "model/arguments.h"
#include "process/runtime/panics.h"
#include "process/runtime/print_backlog.h"
#include "process/runtime/scan.h"

namespace gopsy::process {
namespace {

using Death = WalkedStack::Death;
using G = RuntimeLayout::G;

constexpr std::size_t kMostThreads = 100'000;
constexpr std::uint64_t kLongestFatal = 4096;

// runtime/sigtab_linux_generic.go.
std::string signal_name(int number) {
  constexpr std::array kNames{
      std::pair{1, "SIGHUP: terminal line hangup"},
      std::pair{2, "SIGINT: interrupt"},
      std::pair{3, "SIGQUIT: quit"},
      std::pair{4, "SIGILL: illegal instruction"},
      std::pair{5, "SIGTRAP: trace trap"},
      std::pair{6, "SIGABRT: abort"},
      std::pair{7, "SIGBUS: bus error"},
      std::pair{8, "SIGFPE: floating-point exception"},
      std::pair{9, "SIGKILL: kill"},
      std::pair{10, "SIGUSR1: user-defined signal 1"},
      std::pair{11, "SIGSEGV: segmentation violation"},
      std::pair{12, "SIGUSR2: user-defined signal 2"},
      std::pair{13, "SIGPIPE: write to broken pipe"},
      std::pair{14, "SIGALRM: alarm clock"},
      std::pair{15, "SIGTERM: termination"},
      std::pair{16, "SIGSTKFLT: stack fault"},
      std::pair{31, "SIGSYS: bad system call"},
  };
  const auto found = std::ranges::find(kNames, number, &std::pair<int, const char*>::first);
  return found == kNames.end() ? fmt::format("signal {}", number) : found->second;
}

constexpr bool has_address(int number) {
  return number == 4 || number == 5 || number == 7 || number == 8 || number == 11;
}

class CrashReader {
 public:
  CrashReader(const GoRuntime& runtime, CodeMap& code, TracebackBuilder& builder, model::Symbols& symbols)
      : runtime_(runtime),
        memory_(*runtime.memory),
        code_(code),
        builder_(builder),
        symbols_(symbols),
        traceback_(builder.traceback()) {}

  void run() {
    if (runtime_.target->threads.empty()) return;
    const StoppedThread& dying = runtime_.target->threads.front();
    const std::uint64_t m = find_m(dying.tid);
    if (m == 0) return by_kernel(SIZE_MAX);
    std::size_t index = index_of(memory_.word(m + runtime_.layout.m.curg).value_or(0));
    if (index == SIZE_MAX) {
      StackWalker walker(runtime_, code_);
      StackMemory stack(memory_);
      builder_.add_system_stack(walker.walk({.pc = dying.pc, .sp = dying.sp, .lr = dying.lr, .exact = true}, {}, stack),
                                stack);
      index = builder_.states().size() - 1;
    }
    const auto struck = std::ranges::find(builder_.struck(), index, &TracebackBuilder::Struck::index);
    if (struck == builder_.struck().end()) return by_kernel(index);
    if (struck->death == Death::Panic) {
      died_of_panic(index);
    } else if (struck->death == Death::Throw) {
      died_of_throw(index);
    } else if (struck->signal) {
      died_of_signal(*struck->signal, m);
    }
    put_first(index);
  }

 private:
  [[nodiscard]] bool is_m(std::uint64_t m) const {
    const auto g0 = memory_.word(m);
    return g0 && *g0 != 0 && memory_.word(*g0 + G::kM) == m;
  }

  // runtime.m of a thread: those that goroutines are on, those they are linked with, those that the data points to.
  std::uint64_t find_m(std::uint64_t tid) {
    const auto is_its = [&](std::uint64_t m) { return memory_.word(m + runtime_.layout.m.procid) == tid && is_m(m); };
    std::unordered_set<std::uint64_t> seen;
    for (const GoroutineState& state : builder_.states())
      for (std::uint64_t m = state.m; m != 0 && seen.size() < kMostThreads && seen.insert(m).second;
           m = memory_.word(m + runtime_.layout.m.all_link).value_or(0))
        if (is_its(m)) return m;
    std::uint64_t found = 0;
    for (const AddressRange& range : runtime_.data) {
      scan_words(memory_, range, 0, [&](std::uint64_t, const std::vector<std::uint64_t>& words) {
        for (const std::uint64_t word : words) {
          if (word == 0 || word % 8 != 0 || !is_its(word)) continue;
          found = word;
          return true;
        }
        return false;
      });
      if (found != 0) return found;
    }
    return 0;
  }

  [[nodiscard]] std::size_t index_of(std::uint64_t g) const {
    const auto found = std::ranges::find(builder_.states(), g, &GoroutineState::address);
    return g == 0 || found == builder_.states().end() ? SIZE_MAX
                                                      : static_cast<std::size_t>(found - builder_.states().begin());
  }

  // Nothing of Go's ran at the end: C code crashed, or somebody sent a signal that Go does not handle.
  void by_kernel(std::size_t index) {
    const auto& signal = runtime_.target->killed_by;
    constexpr std::array kDeadly{3, 4, 6, 7, 8, 11, 31};
    if (!signal || std::ranges::find(kDeadly, signal->number) == kDeadly.end()) return;
    died_of_signal(*signal, 0);
    if (index != SIZE_MAX) put_first(index);
  }

  void died_of_panic(std::size_t index) {
    const GoroutineState& state = builder_.states()[index];
    traceback_.cause = model::Cause::Panic;
    traceback_.panics = read_panics(runtime_, state.panic, symbols_);
    if (state.signal != 0) {
      traceback_.signal = model::Signal{.name = symbols_.intern(signal_name(static_cast<int>(state.signal))),
                                        .code = static_cast<std::int64_t>(state.signal_code),
                                        .address = state.signal_address,
                                        .pc = state.signal_pc};
    }
    drop_above(index, {"panic"});
  }

  void died_of_throw(std::size_t index) {
    traceback_.cause = model::Cause::Fatal;
    drop_above(index, {"runtime.throw", "runtime.fatal"});
    std::string text = read_print_backlog(runtime_);
    constexpr std::string_view kMark = "fatal error: ";
    const auto mark = text.rfind(kMark);
    if (mark == std::string::npos) {
      traceback_.fatal = symbols_.intern(thrown_text(index));
      return;
    }
    std::string_view fatal = std::string_view(text).substr(mark + kMark.size());
    traceback_.fatal = symbols_.intern(fatal.substr(0, fatal.find('\n')));
    LineReader lines(std::string_view(text).substr(0, mark));
    while (lines.next())
      if (lines.line().starts_with("runtime: ")) traceback_.lead.push_back({.text = symbols_.intern(lines.line())});
  }

  // The argument of throw: a string.
  std::string thrown_text(std::size_t index) const {
    for (const auto& frame : traceback_.frames_of(traceback_.goroutines[index])) {
      const std::string_view function = symbols_.text(frame.function);
      if (function != "runtime.throw" && function != "runtime.fatal") continue;
      const auto words = model::fresh_words(symbols_.text(frame.args));
      if (words.size() < 2 || !words[0] || !words[1] || *words[1] > kLongestFatal) break;
      std::string text(static_cast<std::size_t>(*words[1]), '\0');
      text.resize(memory_.read(*words[0], text));
      return text;
    }
    return {};
  }

  void died_of_signal(const HandledSignal& signal, std::uint64_t m) {
    traceback_.cause = model::Cause::Signal;
    traceback_.signal = model::Signal{.name = symbols_.intern(signal_name(signal.number)), .code = signal.code};
    if (has_address(signal.number)) traceback_.signal->address = signal.address;
    if (signal.pc != 0) traceback_.signal->pc = signal.pc;
    traceback_.signal->header = true;
    if (m != 0)
      traceback_.signal->thread = static_cast<std::int64_t>(memory_.word(m + runtime_.layout.m.id).value_or(0));
  }

  // What the runtime itself called to end the process is not of interest, and its text does not have it either.
  void drop_above(std::size_t index, std::initializer_list<std::string_view> names) {
    model::Goroutine& goroutine = traceback_.goroutines[index];
    const auto frames = traceback_.frames_of(goroutine);
    const auto first = std::ranges::find_if(frames, [&](const auto& frame) {
      return std::ranges::find(names, symbols_.text(frame.function)) != names.end();
    });
    if (first == frames.end()) return;
    const auto count = static_cast<std::uint32_t>(first - frames.begin());
    if (goroutine.elided_frames != 0 && count > goroutine.elided_after) return;
    goroutine.first_frame += count;
    goroutine.frame_count -= count;
    if (goroutine.elided_frames != 0) goroutine.elided_after -= count;
  }

  void put_first(std::size_t index) {
    auto& goroutines = traceback_.goroutines;
    const auto crashed = goroutines.begin() + static_cast<std::ptrdiff_t>(index);
    std::rotate(goroutines.begin(), crashed, crashed + 1);
  }

  const GoRuntime& runtime_;
  const Memory& memory_;
  CodeMap& code_;
  TracebackBuilder& builder_;
  model::Symbols& symbols_;
  model::Traceback& traceback_;
};

}  // namespace

void read_crash(const GoRuntime& runtime, CodeMap& code, TracebackBuilder& builder, model::Symbols& symbols) {
  CrashReader(runtime, code, builder, symbols).run();
}

}  // namespace gopsy::process
