#include "rules/race/words.h"

#include <algorithm>
#include <array>

#include "base/units.h"
#include "rules/explain.h"

namespace gopsy::rules {
namespace {

using analyze::Race;
using analyze::RaceKind;
using analyze::RaceOperation;
using analyze::RacePattern;
using analyze::RaceSide;

// "AddInt64" of "sync/atomic.AddInt64", "(*WaitGroup).Add" of "sync.(*WaitGroup).Add".
std::string_view last_part(std::string_view function) {
  return function.substr(std::min(model::package_of(function).size() + 1, function.size()));
}

std::string verb_of(const RaceSide& side, const model::Symbols& symbols) {
  switch (side.operation) {
    case RaceOperation::ChanClose: return "closes it";
    case RaceOperation::ChanSend: return "sends to it";
    case RaceOperation::ChanReceive: return "receives from it";
    case RaceOperation::ChanOther: return "uses it";
    case RaceOperation::WaitGroup: return side.access->write ? "calls Wait" : "calls Add";
    case RaceOperation::Atomic:
      return fmt::format("uses sync/atomic ({})", last_part(symbols.text(side.frames.front().function)));
    case RaceOperation::Lock: return "locks it";
    default: break;
  }
  if (side.access->log_line == 0) return "was cut off the log";
  return side.access->write ? "writes it" : "reads it";
}

// What is shared, as far as it is known.
std::string subject_of(const Race& race) {
  const std::string name = race.expression.empty() ? "" : " " + race.expression;
  switch (race.kind) {
    case RaceKind::ClosureCapture: return "a captured variable" + name;
    case RaceKind::Map: return "a map" + name;
    case RaceKind::Slice: return "a slice" + name;
    case RaceKind::MixedAtomic: return "a variable with atomic and plain access" + name;
    case RaceKind::ChannelClose: return "a channel" + name;
    case RaceKind::WaitGroup: return "a WaitGroup" + name;
    case RaceKind::Field: break;
  }
  switch (race.pattern) {
    case RacePattern::Global: return "a package-level variable" + name;
    case RacePattern::CapturedOrPointee: return "a local variable that a closure captured, or what it points to";
    case RacePattern::CopiedLock: return "a sync type that is copied by value while in use";
    case RacePattern::UnsafeType: return "a value of the library that is not safe for concurrent use" + name;
    case RacePattern::ParallelTests: return "something that parallel tests share" + name;
    default: return "a field or variable" + name;
  }
}

std::string meaning_of(const Race& race) {
  switch (race.pattern) {
    case RacePattern::CapturedVariable:
      return "A closure captures variables, not their values: all goroutines that run it, and the function around it, "
             "use "
             "one.";
    case RacePattern::CapturedLoopVar:
      return "Up to Go 1.21 (go line of go.mod) a loop has one variable for all its rounds, and the closure captured "
             "it.";
    case RacePattern::CapturedError:
      return "The goroutine assigns to the err of the function around it with =, where it needs one of its own with "
             ":=.";
    case RacePattern::NamedResult:
      return "It is a named result: every return statement writes it, also after the goroutine was started.";
    case RacePattern::CapturedOrPointee:
      return "The two sides stand in one function and its closures. A closure captures variables, not their values; "
             "the "
             "report does not tell the variable from what it points to.";
    case RacePattern::Map:
      return "Any write to a map may move all of it, so a write must exclude every other access. Without the detector "
             "this is `fatal error: concurrent map writes`, which no recover can catch, or a wrong answer.";
    case RacePattern::SliceHeader:
      return "append and assignment write the three words of the slice one by one: the other side can see a new length "
             "with an old array, and appended elements get lost.";
    case RacePattern::SliceElement:
      return "The elements are read or written by both; two indexes that differ would not race.";
    case RacePattern::MixedAtomic:
      return "Atomic access orders nothing against plain access of the same word: the compiler may keep the plain side "
             "in "
             "a register, split it or reorder it.";
    case RacePattern::CloseAndSend:
      return "Nothing orders the close after the last send or receive. In the other order a send panics with `send on "
             "closed channel`.";
    case RacePattern::AddAfterWait:
      return "Nothing orders the first Add before Wait, mostly because Add stands inside the goroutine: Wait may find "
             "the "
             "counter at zero and return before the work began.";
    case RacePattern::CopiedLock:
      return "One side uses the lock, the other copies or overwrites the value that holds it. A copy is another lock: "
             "it "
             "protects nothing, and may be copied while locked.";
    case RacePattern::ParallelTests:
      return "t.Parallel runs the tests beside one another, and they use something that was made outside of them.";
    case RacePattern::Global:
      return "The address lies in the data of the program, not in the heap: it is a package-level variable.";
    case RacePattern::UnsafeType:
      return "The innermost frames are of the library: its types may be used by one goroutine at a time unless their "
             "documentation says otherwise.";
    case RacePattern::PartialLock: return "A lock orders only those who take it: one side does not.";
    case RacePattern::DifferentLocks: return "Each side holds a lock, but not the same one.";
    case RacePattern::WriteUnderReadLock: return "RLock lets readers in together: a write under it is not protected.";
    case RacePattern::MissingLock: return "Neither side holds a lock.";
    case RacePattern::Unknown: break;
  }
  return "Nothing orders the two accesses: no lock, channel, WaitGroup or atomic stands between them.";
}

}  // namespace

std::string place_of(const RaceSide& side, const model::Symbols& symbols) {
  // The detector's view of what is written in assembly or marked by the library lacks the frame that called it.
  const bool inner_lost = side.operation == RaceOperation::Atomic || side.operation == RaceOperation::WaitGroup;
  if (side.place != nullptr) return (inner_lost ? "in or below " : "") + at(symbols, *side.place);
  if (side.go_statement != nullptr) return "a goroutine started by " + at(symbols, *side.go_statement);
  return goroutine_of(side);
}

std::string goroutine_of(const RaceSide& side) {
  if (side.access->main) return "the main goroutine";
  return side.access->goroutine == 0 ? "an unknown goroutine" : fmt::format("goroutine {}", side.access->goroutine);
}

std::string operation_of(const RaceSide& side, const model::Symbols& symbols) {
  switch (side.operation) {
    case RaceOperation::MapRead: return "map read";
    case RaceOperation::MapWrite: return "map write";
    case RaceOperation::ChanSend: return "send";
    case RaceOperation::ChanReceive: return "receive";
    case RaceOperation::ChanClose: return "close";
    case RaceOperation::WaitGroup: return side.access->write ? "Wait" : "Add";
    case RaceOperation::Atomic: return fmt::format("atomic {}", last_part(symbols.text(side.frames.front().function)));
    default: return side.access->write ? "write" : "read";
  }
}

std::string title_of(const Race& race, const model::Symbols& symbols) {
  const auto& sides = race.front().sides;
  if (race.kind == RaceKind::ClosureCapture && sides[0].place->function == sides[1].place->function)
    return fmt::format("Data race on {}: goroutines started at one place all run {}", subject_of(race),
                       place_of(sides[0], symbols));
  return fmt::format("Data race on {}: {} {}, {} {}", subject_of(race), place_of(sides[0], symbols),
                     verb_of(sides[0], symbols), place_of(sides[1], symbols), verb_of(sides[1], symbols));
}

std::string why_of(const Race& race, const model::Symbols& symbols) {
  std::string text = meaning_of(race);
  if (!race.locks.empty()) text += fmt::format(" {}.", race.locks);
  const auto& sides = race.front().sides;
  const bool library = race.pattern == RacePattern::UnsafeType || race.pattern == RacePattern::CopiedLock;
  for (const RaceSide& side : sides)
    if (library && side.library != nullptr && !model::is_runtime(symbols.text(side.library->function)))
      text += fmt::format(" {} calls {}.", place_of(side, symbols), symbols.text(side.library->function));
  for (const RaceSide& side : sides)
    if (race.kind == RaceKind::MixedAtomic && !side.frames.empty() && side.operation == RaceOperation::Atomic &&
        symbols.text(side.frames.front().function).ends_with("Int32"))
      text +=
          " A sync.Mutex that one side locks and the other copies or overwrites looks the same, as its state is an "
          "int32: "
          "go vet -copylocks tells.";
  if (race.lost_stack) text += " The stack of one side was not restored, so that the kind rests on the other.";
  return text;
}

std::string confirm_of(const Race& race) {
  if (race.kind == RaceKind::ClosureCapture || race.pattern == RacePattern::CapturedOrPointee)
    return "The lines of both sides name the variable; `gopsy race LOG --source DIR` shows them. Captured if it is "
           "declared outside of the closure and inside of its function.";
  return "The lines of both sides name one variable, and no path between them takes the same lock or meets at a "
         "channel. "
         "The detector reports only what happened, so the race itself is certain.";
}

}  // namespace gopsy::rules
