#include <array>
#include <span>

#include "rules/race/words.h"

namespace gopsy::rules {
namespace {

using analyze::Race;
using analyze::RaceKind;
using analyze::RaceOperation;
using analyze::RacePattern;
using analyze::RaceSide;

// {v}: the shared variable; {f}, {g}: the functions of the two sides; {a}: the atomic type; {t}: their type.
struct Row {
  std::string_view what;
  std::string_view safe;
  std::string_view cost;
  std::string_view how;
};

constexpr Row kMutex{"a mutex", "every access, compound ones too", "about 20 ns; holders take turns",
                     "a sync.Mutex beside {v}; Lock around each use in {f} and {g}"};
constexpr Row kAtomic{"an atomic type", "one word on its own", "a few ns; no compound updates",
                      "declare {v} as atomic.Int64, atomic.Bool or atomic.Pointer[T]: plain use no longer compiles"};
constexpr Row kSnapshot{"a copy", "readers that may lag", "one allocation an update",
                        "never change what is published: build a new value and Store it in an atomic.Pointer"};
constexpr Row kOwner{"a channel", "every access", "about 200 ns a message",
                     "one goroutine owns {v}; {f} and {g} send it requests"};
constexpr Row kWait{"wait for the goroutine", "one goroutine hands over to the other", "none",
                    "wg.Wait() or a receive from a done channel before {f} goes on: time.Sleep orders nothing"};
constexpr Row kArgument{"a copy per goroutine", "each needs only its own value", "none",
                        "pass it as an argument, or declare {v} inside of the closure (v := v)"};
constexpr Row kResults{"a channel for results", "results that are gathered", "about 200 ns a message",
                       "each goroutine sends its result; one loop receives them all"};

constexpr std::array kMap{
    Row{"a mutex", "every access, len and range too", "about 20 ns; holders take turns",
        "a sync.Mutex beside {v}; Lock around each use in {f} and {g}"},
    Row{"an RWMutex", "many readers that hold it long", "slower than a Mutex for short reads",
        "RLock for look-ups only; every write under Lock"},
    Row{"sync.Map", "keys written once, or keys of one goroutine each", "values are any; no len; slow writes",
        "sync.Map for {v}: Load, Store, LoadOrStore, Range"},
    Row{"a copy on write", "read mostly: settings, routes", "copies the map an update",
        "an atomic.Pointer to a map that is never changed once stored"},
    kOwner,
};
constexpr std::array kSlice{
    Row{"one index each", "a known number of results", "none",
        "make it with its length first; goroutine i writes s[i] only, nobody appends; read after wg.Wait()"},
    kMutex,
    kResults,
    Row{"a copy", "the other side needs it as it is now", "one copy", "hand over slices.Clone of it, not a part of it"},
};
constexpr std::array kMixed{
    Row{"an atomic type", "all uses: plain ones no longer compile", "a few ns",
        "declare {v} as {a} (Go 1.19) and call its methods in {f} and {g}"},
    Row{"atomic calls everywhere", "only if no use is forgotten", "a few ns; easy to break again",
        "atomic.Load and atomic.Store also where it is plain now"},
    Row{"a mutex", "it must agree with other fields", "about 20 ns; holders take turns",
        "Lock around all uses, and no atomics"},
};
constexpr std::array kClose{
    Row{"the sender closes", "one sender", "none", "close after the last send, in the goroutine that sends"},
    Row{"close after all senders", "several senders", "one goroutine",
        "wg.Go(send) for each; then go func() { wg.Wait(); close(c) }()"},
    Row{"never close it", "receivers that stop early", "none",
        "close a done channel or cancel a context instead; send in a select with it"},
};
constexpr std::array kWaitGroup{
    Row{"Add before go", "every version", "none", "wg.Add(1) above the go statement, defer wg.Done() first inside"},
    Row{"wg.Go", "Go 1.25 and later", "none", "wg.Go(func() { … }) adds, starts and calls Done"},
    Row{"errgroup", "errors or a limit are needed too", "a dependency (golang.org/x/sync)",
        "g.Go(func() error { … }) and g.Wait()"},
};
constexpr std::array kCaptured{
    kArgument,
    kWait,
    kMutex,
    kResults,
};
constexpr std::array kCapturedByMany{kMutex, kAtomic, kArgument, kResults};
constexpr std::array kCapturedError{
    Row{"an err of its own", "nobody reads it after", "none", "err := in place of err = inside of the closure"},
    Row{"errgroup", "the first error is wanted", "a dependency (golang.org/x/sync)",
        "g.Go(func() error { … }); err := g.Wait()"},
    kResults,
};
constexpr std::array kLoopVariable{
    Row{"go 1.22 in go.mod", "loop variables only", "other semantics for the whole module",
        "go 1.22 or later: one a round"},
    kArgument,
};
constexpr std::array kCopied{
    Row{"a pointer", "all uses of the sync type", "none",
        "pass *T and use pointer receivers; go vet -copylocks finds every copy"},
    Row{"no reset by assignment", "a value that is cleared while used", "none",
        "clear the fields one by one under the lock; never *t = T{} over a lock"},
};
constexpr std::array kGlobal{
    kMutex,
    Row{"sync.Once", "set once, read ever after", "a few ns a read", "sync.OnceValue for what computes {v}"},
    Row{"set before go", "settings that do not change", "none", "assign {v} in init or before the first go statement"},
    kAtomic,
    Row{"no global", "tests that must not meet", "a parameter", "make it a field, and hand that to {f} and {g}"},
};
constexpr std::array kUnsafe{
    Row{"one each", "no state is to be shared", "memory", "make one in each goroutine, or take it from a sync.Pool"},
    kMutex,
    kOwner,
};
constexpr std::array kTests{
    Row{"one for each test", "what tests change", "set-up time",
        "make it inside of t.Run's function, after t.Parallel()"},
    Row{"read only", "tables and fixtures", "none", "let no test change it; copy what one must change"},
    Row{"not parallel", "what exists once", "slower tests", "take t.Parallel() out of these"},
};
constexpr std::array kPartial{
    Row{"the same lock", "every access", "about 20 ns; holders take turns",
        "take it in {f} and {g} alike, also to read"},
    kAtomic,
    kSnapshot,
};
constexpr std::array kReadLocked{
    Row{"Lock, not RLock", "every access", "readers wait for it", "take the write lock where {v} is written"},
    kAtomic,
};
constexpr std::array kInClosures{kWait, kMutex, kArgument, kAtomic, kResults};
constexpr std::array kField{kMutex, kAtomic, kSnapshot, kOwner};

// Goroutines that all run the same code.
bool one_function(const Race& race) {
  const auto& sides = race.front().sides;
  return sides[0].place != nullptr && sides[1].place != nullptr && sides[0].place->function == sides[1].place->function;
}

std::span<const Row> rows_of(const Race& race) {
  switch (race.pattern) {
    case RacePattern::CopiedLock: return kCopied;
    case RacePattern::CapturedError:
    case RacePattern::NamedResult: return kCapturedError;
    case RacePattern::CapturedLoopVar: return kLoopVariable;
    case RacePattern::ParallelTests: return kTests;
    default: break;
  }
  switch (race.kind) {
    case RaceKind::ClosureCapture: return one_function(race) ? std::span<const Row>(kCapturedByMany) : kCaptured;
    case RaceKind::Map: return kMap;
    case RaceKind::Slice: return kSlice;
    case RaceKind::MixedAtomic: return kMixed;
    case RaceKind::ChannelClose: return kClose;
    case RaceKind::WaitGroup: return kWaitGroup;
    case RaceKind::Field: break;
  }
  switch (race.pattern) {
    case RacePattern::Global: return kGlobal;
    case RacePattern::UnsafeType: return kUnsafe;
    case RacePattern::PartialLock:
    case RacePattern::DifferentLocks: return kPartial;
    case RacePattern::WriteUnderReadLock: return kReadLocked;
    case RacePattern::CapturedOrPointee: return kInClosures;
    default: return kField;
  }
}

// "atomic.Int64" for AddInt64, LoadInt64, …
std::string atomic_type(const Race& race, const model::Symbols& symbols) {
  for (const RaceSide& side : race.front().sides) {
    if (side.operation != RaceOperation::Atomic) continue;
    const std::string_view function = symbols.text(side.frames.front().function);
    for (const std::string_view type : {"Int32", "Int64", "Uint32", "Uint64", "Uintptr", "Pointer"})
      if (function.ends_with(type)) return "atomic." + std::string(type) + (type == "Pointer" ? "[T]" : "");
  }
  return "atomic.Int64";
}

std::string function_name(const RaceSide& side, const model::Symbols& symbols) {
  const model::RaceFrame* frame = side.nearest();
  return frame == nullptr ? std::string("the other side") : model::short_function(symbols.text(frame->function));
}

std::string filled(std::string_view text, const Race& race, const model::Symbols& symbols) {
  std::string out;
  constexpr std::string_view kBoth = "{f} and {g}";
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.substr(i).starts_with(kBoth) && one_function(race)) {
      out += function_name(race.front().sides[0], symbols);
      i += kBoth.size() - 1;
      continue;
    }
    if (text[i] != '{' || i + 2 >= text.size() || text[i + 2] != '}') {
      out += text[i];
      continue;
    }
    const auto& sides = race.front().sides;
    switch (text[i + 1]) {
      case 'v': out += race.expression.empty() ? std::string("it") : race.expression; break;
      case 'a': out += atomic_type(race, symbols); break;
      case 'f': out += function_name(sides[0], symbols); break;
      default: out += function_name(sides[1], symbols); break;
    }
    i += 2;
  }
  return out;
}

}  // namespace

std::vector<RaceFix> fixes_of(const Race& race, const model::Symbols& symbols) {
  std::vector<RaceFix> fixes;
  for (const Row& row : rows_of(race))
    fixes.push_back({.what = std::string(row.what),
                     .safe = std::string(row.safe),
                     .cost = std::string(row.cost),
                     .how = filled(row.how, race, symbols)});
  return fixes;
}

}  // namespace gopsy::rules
