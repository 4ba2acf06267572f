#include "process/runtime/crash.h"

#include <algorithm>
#include <array>
#include <unordered_map>
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
constexpr std::size_t kMostAsked = 4096;
constexpr std::uint64_t kLongestFatal = 4096;
constexpr int kSigquit = 3;

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

// Of those that end a process with a core; the others the runtime takes for its own use, or passes on.
bool is_deadly(int number) {
  constexpr std::array kDeadly{3, 4, 5, 6, 7, 8, 11, 31};
  return std::ranges::find(kDeadly, number) != kDeadly.end();
}

class CrashReader {
 public:
  CrashReader(const GoRuntime& runtime, CodeMap& code, TracebackBuilder& builder, model::Symbols& symbols)
      : runtime_(runtime),
        memory_(*runtime.memory),
        builder_(builder),
        symbols_(symbols),
        traceback_(builder.traceback()),
        walker_(runtime, code) {}

  void run() {
    if (runtime_.target->threads.empty()) return;
    find_threads();
    const Ending ending = first_to_die();
    const auto& killed_by = runtime_.target->killed_by;
    const bool is_killed = killed_by && is_deadly(killed_by->number);
    if (ending.death == Death::None && !ending.signal && !is_killed) return;  // a debugger took the core
    const std::uint64_t m = find_m(ending.thread->tid);
    const std::size_t index = goroutine_of(m, *ending.thread);
    if (ending.death == Death::Panic) {
      died_of_panic(index);
    } else if (ending.death == Death::Throw) {
      died_of_throw(index);
    } else if (ending.signal) {
      died_of_signal(*ending.signal, m);
    } else {
      // Nothing of Go's ran at the end: C code crashed, or somebody sent a signal that Go does not handle.
      died_of_signal(*killed_by, 0);
    }
    put_first(index);
  }

 private:
  struct Ending {
    const StoppedThread* thread = nullptr;
    Death death = Death::None;
    std::optional<HandledSignal> signal;
  };

  const WalkedStack& walk(const StoppedThread& thread, StackMemory& stack) {
    const auto m = threads_.find(thread.tid);
    const std::size_t index = m == threads_.end() ? SIZE_MAX : running_on(m->second);
    if (index != SIZE_MAX) return walk_thread(thread, builder_.states()[index], walker_, stack);
    return walker_.walk({.pc = thread.pc, .sp = thread.sp, .lr = thread.lr, .exact = true}, std::nullopt, stack);
  }

  Ending ending_of(const StoppedThread& thread) {
    StackMemory stack(memory_);
    const WalkedStack& walked = walk(thread, stack);
    return {.thread = &thread, .death = walked.death, .signal = walked.signal};
  }

  // The thread that took the process down is the first of the core. After a signal it is the last to which the first
  // one handed a SIGQUIT so that each prints its stack (sighandler, GOTRACEBACK=crash): that one had another signal, or
  // one that came from outside.
  Ending first_to_die() {
    const auto& threads = runtime_.target->threads;
    Ending last = ending_of(threads.front());
    if (last.death != Death::None) return last;
    for (const StoppedThread& thread : std::span(threads).first(std::min(threads.size(), kMostAsked))) {
      Ending ending = ending_of(thread);
      if (!ending.signal || !is_deadly(ending.signal->number)) continue;
      if (ending.signal->number != kSigquit) return ending;
      if (!last.signal) last = ending;
    }
    return last;
  }

  [[nodiscard]] std::size_t running_on(std::uint64_t m) const {
    return index_of(memory_.word(m + runtime_.layout.m.curg).value_or(0));
  }

  // Which goroutine the thread ran; a stack of the runtime's own is added if it ran none.
  std::size_t goroutine_of(std::uint64_t m, const StoppedThread& thread) {
    const std::size_t index = m == 0 ? SIZE_MAX : running_on(m);
    if (index != SIZE_MAX) return index;
    StackMemory stack(memory_);
    builder_.add_system_stack(walk(thread, stack), stack);
    return builder_.states().size() - 1;
  }

  [[nodiscard]] bool is_m(std::uint64_t m) const {
    const auto g0 = memory_.word(m);
    return g0 && *g0 != 0 && memory_.word(*g0 + G::kM) == m;
  }

  // runtime.m by thread: those that goroutines are on, and those these are linked with.
  void find_threads() {
    for (const GoroutineState& state : builder_.states()) add_linked(state.m);
  }

  void add_linked(std::uint64_t m) {
    for (; m != 0 && seen_.size() < kMostThreads && seen_.insert(m).second;
         m = memory_.word(m + runtime_.layout.m.all_link).value_or(0))
      if (is_m(m)) threads_.emplace(memory_.word(m + runtime_.layout.m.procid).value_or(0), m);
  }

  // One that no goroutine leads to is idle: something in the data points to it, or to a newer one.
  std::uint64_t find_m(std::uint64_t tid) {
    if (const auto known = threads_.find(tid); known != threads_.end()) return known->second;
    const auto look = [&](std::uint64_t, const std::vector<std::uint64_t>& words) {
      for (const std::uint64_t word : words)
        if (word != 0 && word % 8 == 0 && !seen_.contains(word) && is_m(word)) add_linked(word);
      return threads_.contains(tid);
    };
    for (const AddressRange& range : runtime_.data)
      if (scan_words(memory_, range, 0, look)) return threads_.at(tid);
    return 0;
  }

  [[nodiscard]] std::size_t index_of(std::uint64_t g) const {
    const auto found = std::ranges::find(builder_.states(), g, &GoroutineState::address);
    return g == 0 || found == builder_.states().end() ? SIZE_MAX
                                                      : static_cast<std::size_t>(found - builder_.states().begin());
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
  TracebackBuilder& builder_;
  model::Symbols& symbols_;
  model::Traceback& traceback_;
  StackWalker walker_;
  std::unordered_set<std::uint64_t> seen_;
  std::unordered_map<std::uint64_t, std::uint64_t> threads_;  // runtime.m by the thread's number
};

}  // namespace

void read_crash(const GoRuntime& runtime, CodeMap& code, TracebackBuilder& builder, model::Symbols& symbols) {
  CrashReader(runtime, code, builder, symbols).run();
}

}  // namespace gopsy::process
