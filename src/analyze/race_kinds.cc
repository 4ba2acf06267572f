#include "analyze/race_kinds.h"

#include <algorithm>
#include <array>

namespace gopsy::analyze {
namespace {

using enum RaceOperation;

bool starts_with_any(std::string_view text, std::initializer_list<std::string_view> prefixes) {
  return std::ranges::any_of(prefixes, [text](std::string_view prefix) { return text.starts_with(prefix); });
}

// A call that the compiler made of a statement, or that marks an access for the detector.
RaceOperation operation_of_runtime(std::string_view function) {
  if (starts_with_any(function, {"runtime.map", "internal/runtime/maps.", "reflect.map"})) {
    const bool writes = function.contains("assign") || function.contains("delete") || function.contains("clear") ||
                        function.contains("Assign") || function.contains("Delete") || function.contains("Clear");
    return writes ? MapWrite : MapRead;
  }
  if (function == "runtime.closechan") return ChanClose;
  if (starts_with_any(function, {"runtime.chansend", "runtime.selectnbsend", "reflect.chansend"})) return ChanSend;
  if (starts_with_any(function, {"runtime.chanrecv", "runtime.selectnbrecv", "reflect.chanrecv"})) return ChanReceive;
  if (starts_with_any(function, {"runtime.chanlen", "runtime.chancap", "runtime.selectgo"})) return ChanOther;
  if (starts_with_any(function,
                      {"runtime.growslice", "runtime.slicecopy", "runtime.typedslicecopy", "runtime.slicebytetostring",
                       "runtime.slicerunetostring", "runtime.stringtoslicebyte"}))
    return SliceCopy;
  // race.Read and race.Write of the library itself: sync.WaitGroup's Add and Wait, RWMutex, iter.Pull.
  if (function == "runtime.raceread" || function == "runtime.racewrite") return WaitGroup;
  return Plain;
}

RaceOperation operation_of_library(std::string_view function) {
  if (starts_with_any(function, {"sync/atomic.", "internal/runtime/atomic.", "runtime/internal/atomic."}))
    return Atomic;
  if (function.starts_with("sync.(*WaitGroup).")) return WaitGroup;
  if (starts_with_any(function, {"sync.(*Mutex).", "sync.(*RWMutex).", "internal/sync.(*Mutex).", "sync.(*Once)."}))
    return Lock;
  if (starts_with_any(function, {"slices.", "sort."})) return SliceCopy;
  return Library;
}

bool is(const RaceVariant& variant, RaceOperation operation) {
  return std::ranges::any_of(variant.sides, [operation](const RaceSide& s) { return s.operation == operation; });
}

std::size_t count(const RaceVariant& variant, std::initializer_list<RaceOperation> operations) {
  return static_cast<std::size_t>(std::ranges::count_if(variant.sides, [&](const RaceSide& side) {
    return std::ranges::find(operations, side.operation) != operations.end();
  }));
}

bool one_is_unknown(const RaceVariant& variant) {
  return std::ranges::any_of(variant.sides, [](const RaceSide& side) { return side.frames.empty(); });
}

bool one_is_global(const RaceVariant& variant) {
  return std::ranges::any_of(
      variant.sides, [](const RaceSide& side) { return side.access->address && is_global(*side.access->address); });
}

bool same_place(const model::RaceFrame* a, const model::RaceFrame* b) {
  return a != nullptr && b != nullptr && a->function == b->function && a->file == b->file && a->line == b->line;
}

// Both run under tests that the testing package started beside one another.
bool in_parallel_tests(const RaceVariant& variant, const model::Symbols& symbols) {
  return std::ranges::all_of(variant.sides, [&](const RaceSide& side) {
    const bool by_testing = std::ranges::any_of(side.created, [&](const model::RaceFrame& frame) {
      return symbols.text(frame.function).starts_with("testing.(*T).Run");
    });
    return by_testing && side.place != nullptr && symbols.text(side.place->file).ends_with("_test.go");
  });
}

// The sync types mark some of their memory, and use atomics on the rest: another access to it is a copy of the value.
std::optional<RaceVerdict> verdict_on_sync(const RaceVariant& variant) {
  const bool writes = std::ranges::all_of(variant.sides, [](const RaceSide& side) { return side.access->write; });
  if (count(variant, {WaitGroup}) == 2) {
    // Add reads and Wait writes; two writes are iter.Pull's, two of whose calls met.
    if (writes) return RaceVerdict{.pattern = RacePattern::UnsafeType, .confidence = 0.7};
    return RaceVerdict{.kind = RaceKind::WaitGroup, .pattern = RacePattern::AddAfterWait, .confidence = 0.96};
  }
  if (is(variant, WaitGroup)) {
    if (one_is_unknown(variant))
      return RaceVerdict{.kind = RaceKind::WaitGroup, .pattern = RacePattern::AddAfterWait, .confidence = 0.75};
    return RaceVerdict{.kind = RaceKind::WaitGroup, .pattern = RacePattern::CopiedLock, .confidence = 0.8};
  }
  if (is(variant, Lock)) return RaceVerdict{.pattern = RacePattern::CopiedLock, .confidence = 0.85};
  return std::nullopt;
}

// The frames of the runtime name the operation: no guess.
std::optional<RaceVerdict> verdict_on_operations(const RaceVariant& variant) {
  if (auto verdict = verdict_on_sync(variant)) return verdict;
  if (is(variant, ChanClose))
    return RaceVerdict{.kind = RaceKind::ChannelClose, .pattern = RacePattern::CloseAndSend, .confidence = 0.97};
  if (const auto maps = count(variant, {MapRead, MapWrite}); maps != 0) {
    const double confidence = maps == 2 ? 0.97 : one_is_unknown(variant) ? 0.9 : 0.75;
    return RaceVerdict{.kind = RaceKind::Map, .pattern = RacePattern::Map, .confidence = confidence};
  }
  if (is(variant, Atomic))
    return RaceVerdict{.kind = RaceKind::MixedAtomic,
                       .pattern = RacePattern::MixedAtomic,
                       .confidence = one_is_unknown(variant) ? 0.8 : 0.95};
  if (is(variant, SliceCopy))
    return RaceVerdict{.kind = RaceKind::Slice, .pattern = RacePattern::SliceElement, .confidence = 0.93};
  if (is(variant, Library)) return RaceVerdict{.pattern = RacePattern::UnsafeType, .confidence = 0.88};
  return std::nullopt;
}

// Plain loads and stores: who they belong to says what they may have in common.
RaceVerdict verdict_on_functions(const RaceVariant& variant, const model::Symbols& symbols) {
  const RaceSide& a = variant.sides[0];
  const RaceSide& b = variant.sides[1];
  if (one_is_global(variant)) return {.pattern = RacePattern::Global, .confidence = 0.93};
  if (a.place == nullptr || b.place == nullptr) return {.confidence = 0.8};
  if (in_parallel_tests(variant, symbols)) return {.pattern = RacePattern::ParallelTests, .confidence = 0.85};
  const std::string_view f = symbols.text(a.place->function);
  const std::string_view g = symbols.text(b.place->function);
  if (f == g && is_closure(f) && same_place(a.go_statement, b.go_statement) &&
      enclosing_function(f) == enclosing_function(symbols.text(a.go_statement->function)))
    return {.kind = RaceKind::ClosureCapture, .pattern = RacePattern::CapturedVariable, .confidence = 0.75};
  if (enclosing_function(f) == enclosing_function(g) && (is_closure(f) || is_closure(g)))
    return {.pattern = RacePattern::CapturedOrPointee, .confidence = 0.85};
  return {.confidence = 0.9};
}

}  // namespace

RaceOperation operation_of(const RaceSide& side, const model::Symbols& symbols) {
  RaceOperation operation = Plain;
  for (const auto& frame : side.frames) {
    if (&frame == side.place) break;
    const std::string_view function = symbols.text(frame.function);
    const RaceOperation here =
        model::is_runtime(function) ? operation_of_runtime(function) : operation_of_library(function);
    // The innermost says what was done, but for those that only carry out what a sync type does.
    const bool of_sync = here == WaitGroup || here == Lock;
    if (operation == Plain || (operation == Atomic && of_sync) || (operation == WaitGroup && here == Lock) ||
        (operation == SliceCopy && here == Library))
      operation = here;
  }
  return operation;
}

std::string_view class_of(RaceOperation operation) {
  switch (operation) {
    case Plain: return "plain";
    case MapRead:
    case MapWrite: return "map";
    case SliceCopy: return "slice";
    case ChanSend:
    case ChanReceive:
    case ChanOther:
    case ChanClose: return "channel";
    case Atomic: return "atomic";
    case WaitGroup: return "waitgroup";
    case Lock: return "lock";
    case Library: break;
  }
  return "library";
}

RaceVerdict verdict_on(const RaceVariant& variant, const model::Symbols& symbols) {
  if (const auto verdict = verdict_on_operations(variant)) return *verdict;
  return verdict_on_functions(variant, symbols);
}

std::string_view name_of(RaceKind kind) {
  constexpr std::array<std::string_view, 7> kNames{"closure-capture", "map",       "slice", "mixed-atomic",
                                                   "channel-close",   "waitgroup", "field"};
  return kNames[static_cast<std::size_t>(kind)];
}

std::string_view name_of(RacePattern pattern) {
  switch (pattern) {
    case RacePattern::Unknown: break;
    case RacePattern::CapturedVariable: return "a captured variable";
    case RacePattern::CapturedLoopVar: return "a captured loop variable";
    case RacePattern::CapturedError: return "a captured err";
    case RacePattern::NamedResult: return "a captured named result";
    case RacePattern::CapturedOrPointee: return "a captured variable, or what it points to";
    case RacePattern::Map: return "a map without a lock";
    case RacePattern::SliceHeader: return "a slice header";
    case RacePattern::SliceElement: return "elements of a slice";
    case RacePattern::MixedAtomic: return "atomic and plain access mixed";
    case RacePattern::CloseAndSend: return "close beside send or receive";
    case RacePattern::AddAfterWait: return "WaitGroup.Add not before Wait";
    case RacePattern::CopiedLock: return "a sync type copied by value";
    case RacePattern::ParallelTests: return "parallel tests that share";
    case RacePattern::Global: return "a package-level variable";
    case RacePattern::UnsafeType: return "a type of the library that is not safe for concurrent use";
    case RacePattern::MissingLock: return "no lock on either side";
    case RacePattern::PartialLock: return "a lock on one side only";
    case RacePattern::DifferentLocks: return "two different locks";
    case RacePattern::WriteUnderReadLock: return "a write under a read lock";
  }
  return "unsynchronised access";
}

}  // namespace gopsy::analyze
