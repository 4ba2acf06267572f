#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/evidence.h"

namespace gopsy::analyze {

/// What is shared: each is a rule of its own.
enum class RaceKind : std::uint8_t { ClosureCapture, Map, Slice, MixedAtomic, ChannelClose, WaitGroup, Field };

std::string_view name_of(RaceKind kind);  ///< "closure-capture", …

/// How it came about, as finely as text (or source, see race_source.h) can tell. The names follow Uber's taxonomy
/// (arXiv 2204.00764).
enum class RacePattern : std::uint8_t {
  Unknown,
  CapturedVariable,   ///< a closure started with go and somebody else use one local variable
  CapturedLoopVar,    ///< … that is a loop's own: one for all rounds up to Go 1.21
  CapturedError,      ///< … that is err
  NamedResult,        ///< … that is a named result: `return` writes it
  CapturedOrPointee,  ///< a local variable or what it points to; text alone cannot tell
  Map,
  SliceHeader,   ///< append or assignment of the slice itself
  SliceElement,  ///< its elements, by index or through copy, append, sort
  MixedAtomic,
  CloseAndSend,
  AddAfterWait,       ///< WaitGroup.Add where nothing orders it before Wait
  CopiedLock,         ///< a sync type was copied or overwritten while in use
  ParallelTests,      ///< parallel (table) tests share what is outside of them
  Global,             ///< a package-level variable
  UnsafeType,         ///< a type of the library that is documented as unsafe for concurrent use
  MissingLock,        ///< no side holds a lock
  PartialLock,        ///< one side does
  DifferentLocks,     ///< both do, but not the same
  WriteUnderReadLock  ///< a write under RLock
};

std::string_view name_of(RacePattern pattern);  ///< in words: "write under a read lock"

/// What one side did.
enum class RaceOperation : std::uint8_t {
  Plain,
  MapRead,
  MapWrite,
  SliceCopy,  ///< append's growslice, copy, conversions of []byte and string, package slices and sort
  ChanSend,
  ChanReceive,
  ChanOther,  ///< len, cap, select
  ChanClose,
  Atomic,
  WaitGroup,
  Lock,     ///< the inside of a Mutex or RWMutex
  Library,  ///< inside another function of the standard library
};

/// One side of one report, with the frames that matter.
struct RaceSide {
  const model::RaceAccess* access = nullptr;
  std::span<const model::RaceFrame> frames;   ///< innermost first
  std::span<const model::RaceFrame> created;  ///< innermost first; empty for main, or if it is not told
  RaceOperation operation = RaceOperation::Plain;
  const model::RaceFrame* place = nullptr;         ///< the innermost of the program; null if no frame was restored
  const model::RaceFrame* go_statement = nullptr;  ///< the innermost of the program that created the goroutine
  const model::RaceFrame* library = nullptr;  ///< the frame of the library that `place` called; null for a plain access

  /// The frame to point at: `place`, else where the goroutine was started; null if neither is known.
  [[nodiscard]] const model::RaceFrame* nearest() const { return place != nullptr ? place : go_statement; }
};

/// One report in a race; the access that was noticed first, then the previous one.
struct RaceVariant {
  const model::Evidence* evidence = nullptr;
  const model::RaceReport* report = nullptr;
  std::array<RaceSide, 2> sides;
};

/// Another race so close by that both may be of one struct or slice.
struct Neighbour {
  std::size_t race = 0;  ///< index
  std::uint64_t bytes = 0;
};

/// One distinct race: all reports whose two stacks are the same functions, whatever the lines and whichever came first.
struct Race {
  RaceKind kind = RaceKind::Field;
  RacePattern pattern = RacePattern::Unknown;
  double confidence = 0;
  std::vector<RaceVariant> variants;  ///< in the order of the evidence; the first that shows the kind is shown
  std::size_t shown = 0;
  std::uint64_t times = 0;
  std::uint64_t fingerprint = 0;  ///< of the key: stable over line shifts, addresses, runtime internals
  bool lost_stack = false;        ///< every report of it lacks one side
  std::vector<Neighbour> neighbours;
  std::string expression;  ///< "c.hits", from source; empty if it was not there
  std::string locks;       ///< what source says about locks: "c.mu is held on one side only"

  [[nodiscard]] const RaceVariant& front() const { return variants[shown]; }
};

/// The distinct races of all evidence, in the order of their first report. Reports cut before the second access are
/// among them, with one side unknown.
/// Cost    linear in reports and frames.
std::vector<Race> races_of(model::Incident& incident);

/// Is it the address of a package-level variable? The heap of a program with the race detector lies from
/// 0xc000000000 to 0xe000000000 (runtime/race: the shadow covers that and the data segments).
bool is_global(std::uint64_t address);

/// "a1b2c3d4e5f60718"
std::string fingerprint_text(std::uint64_t fingerprint);

/// "main.f" of "main.f.func1.2", "main.(*T).M" of "main.(*T).M.gowrap1": the function in whose text a closure stands.
std::string_view enclosing_function(std::string_view function);

/// Is it a function literal (or the wrapper that a go statement with arguments makes)?
bool is_closure(std::string_view function);

}  // namespace gopsy::analyze
