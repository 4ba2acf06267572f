#include "render/goroutines/words.h"

#include <array>
#include <utility>

#include "analyze/lock_holders.h"
#include "base/format.h"
#include "base/text.h"
#include "base/units.h"
#include "render/words.h"

namespace gopsy::render {
namespace {

using analyze::HolderProof;
using model::WaitKind;

// What a goroutine in "IO wait" does, by the method of the runtime's poller that it is in.
std::string_view io_words(const model::Traceback& traceback, const model::Goroutine& goroutine,
                          const model::Symbols& symbols) {
  std::string_view what;
  for (const auto& frame : traceback.frames_of(goroutine)) {
    std::string_view function = symbols.text(frame.function);
    if (function.starts_with("os.(*File)."))
      return what == "network: write" ? "file or pipe: write" : "file or pipe: read";
    if (function.starts_with("net.(*netFD).connect")) return "network: connect";
    if (!consume(function, "internal/poll.(*FD).")) continue;
    if (function == "Accept") return "network: accept";
    if (function.starts_with("Write") || function.starts_with("Send")) what = "network: write";
    if (function.starts_with("Read")) what = "network: read";
  }
  return what;
}

std::string descriptor_words(const model::WaitObject& object, std::string words, const model::Symbols& symbols) {
  if (object.descriptor < 0) return words;
  words += fmt::format("{}fd {}", words.empty() ? "" : ", ", object.descriptor);
  if (!object.endpoint.none()) words += fmt::format(" ({})", printable_line(symbols.text(object.endpoint)));
  return words;
}

std::string with_address(std::string_view what, const std::optional<std::uint64_t>& address) {
  return address ? fmt::format("{} {:#x}", what, *address) : std::string(what);
}

// "12.3 s", "59 min": how long until a timer is due.
std::string until(std::int64_t ns) {
  constexpr std::int64_t kSecond = 1'000'000'000;
  if (ns < 0) return "due already";
  if (ns < 100 * kSecond) return fmt::format("due in {:.3g} s", static_cast<double>(ns) / kSecond);
  return fmt::format("due in {} min", ns / (60 * kSecond));
}

// What memory adds to the state's words; empty: nothing.
std::string by_memory(const model::WaitFacts& memory, std::uint32_t row, const model::Symbols& symbols) {
  using enum model::WaitObject::Kind;
  const auto edges = memory.edges_of(row);
  if (edges.empty()) return {};
  const model::WaitObject& object = memory.objects[edges[0].object];
  if (edges.size() > 1) return fmt::format("{} channels", edges.size());
  switch (object.kind) {
    case Channel: return fmt::format("channel {:#x}{}", object.address, channel_words(object, symbols));
    case WaitGroup:
      return fmt::format("WaitGroup {:#x}{}", object.address,
                         object.known ? fmt::format(", {} Done missing", object.outstanding) : "");
    case Cond: return fmt::format("Cond {:#x}, its lock {:#x}", object.address, object.lock);
    case Timer: return object.remaining_ns != 0 ? "a timer, " + until(object.remaining_ns) : std::string();
    default: return {};
  }
}

std::string_view lock_name(WaitKind kind) { return kind == WaitKind::MutexLock ? "Mutex" : "RWMutex"; }

}  // namespace

std::string waits_on(const analyze::Snapshot& snapshot, std::uint32_t row, const model::Symbols& symbols) {
  const model::Goroutine& goroutine = snapshot.traceback->goroutines[row];
  const analyze::Wait& wait = snapshot.facts[row].wait;
  const model::WaitFacts* const memory = snapshot.traceback->waits.get();
  if (memory != nullptr)
    if (std::string words = by_memory(*memory, row, symbols); !words.empty()) return words;
  switch (wait.kind) {
    case WaitKind::ChanReceive:
    case WaitKind::ChanSend: return wait.address ? with_address("channel", wait.address) : "";
    case WaitKind::ChanReceiveNil:
    case WaitKind::ChanSendNil:
    case WaitKind::SelectNoCases: return "forever";
    case WaitKind::MutexLock:
    case WaitKind::RWMutexRLock:
    case WaitKind::RWMutexLock: return with_address(wait.in_once ? "Once" : lock_name(wait.kind), wait.address);
    case WaitKind::WaitGroupWait: return goroutine.wait == WaitKind::Semacquire ? "WaitGroup" : "";
    case WaitKind::CondWait: return goroutine.wait == WaitKind::Semacquire ? "Cond" : "";
    case WaitKind::Runnable: return "a CPU";
    case WaitKind::IoWait: {
      std::string words(io_words(*snapshot.traceback, goroutine, symbols));
      const auto edges = memory == nullptr ? std::span<const model::WaitEdge>{} : memory->edges_of(row);
      return edges.size() == 1 ? descriptor_words(memory->objects[edges[0].object], std::move(words), symbols) : words;
    }
    case WaitKind::Sleep: return "a timer";
    default: break;
  }
  return goroutine.other_thread ? "on another thread, stack not printed" : "";
}

std::string short_place(std::string_view file, std::uint32_t line) {
  if (line == 0) return {};
  return fmt::format("{}:{}", printable_line(file.substr(file.find_last_of("/\\") + 1)), line);
}

std::string frame_words(const model::TracebackFrame& frame, const model::Symbols& symbols) {
  std::string words = printable_line(model::short_function(symbols.text(frame.function)));
  if (const std::string place = short_place(symbols.text(frame.file), frame.line); !place.empty()) words += " " + place;
  return words;
}

std::string creator_words(const model::Goroutine& goroutine, const model::Symbols& symbols) {
  if (goroutine.created_by.none()) return {};
  return frame_words({.function = goroutine.created_by, .file = goroutine.created_file, .line = goroutine.created_line},
                     symbols);
}

std::string channel_words(const model::WaitObject& object, const model::Symbols& symbols) {
  std::string words;
  if (!object.element.none()) words += fmt::format(" of {}", printable_line(symbols.text(object.element)));
  if (!object.known) return words;
  words += object.capacity == 0 ? std::string(", unbuffered")
                                : fmt::format(", {} of {} queued", object.queued, object.capacity);
  if (object.closed) words += ", closed";
  if (object.timed) words += ", of a timer";
  return words;
}

std::string group_words(const analyze::WaitGroupOf& group, const model::Symbols& symbols) {
  if (group.object != nullptr && group.object->kind == model::WaitObject::Kind::WaitGroup)
    return with_address("WaitGroup", group.address);
  if (group.object != nullptr && group.object->kind == model::WaitObject::Kind::Cond)
    return with_address("Cond", group.address);
  if (!group.is_lock) return with_address("channel", group.address);
  std::string words = with_address(lock_name(group.kind), group.address);
  const auto type = analyze::receiver_type(symbols.text(group.place->function));
  if (group.value && !type.empty())
    words += fmt::format("{} in {} {:#x}", group.address ? "," : "", printable_line(model::short_function(type)),
                         *group.value);
  return words;
}

std::string_view proof_words(HolderProof proof) {
  switch (proof) {
    case HolderProof::None: break;
    case HolderProof::SameFamily: return "perhaps: alone in a closure of the same function";
    case HolderProof::SameValue: return "perhaps: alone inside another method of that value";
    case HolderProof::SameFunction: return "probably: alone past the line that takes the lock";
    case HolderProof::SameFunctionAndValue:
      return "almost certainly: alone past a line that takes the lock, with that very value";
    case HolderProof::OneOfSeveral: return "perhaps: one of several that could unlock it";
    case HolderProof::UnlockAhead: return "by memory: returns to code that lets go of this very one";
    case HolderProof::UnlockDeferred: return "by memory: has deferred a call that lets go of this very one";
  }
  return "";
}

std::string_view deadlock_words(analyze::DeadlockKind kind) {
  using enum analyze::DeadlockKind;
  switch (kind) {
    case NilChannel: return "a channel that is nil, or a select without cases, is never ready";
    case LockOrder: return "they want different locks, which the others hold";
    case RecursiveRLock: return "a reader waits behind a writer that waits for a reader";
    case LostUnlock: return "a lock is locked, and nobody is left who would unlock it";
    case SelfLock: return "nobody is left who could hold the lock but those that want it";
    case WaitingForWorkers: return "a WaitGroup whose workers wait themselves or are gone";
    case NoPeer: return "nobody is left for the other side of these channels";
    case AllAsleep: break;
  }
  return "every goroutine waits for another";
}

std::string goroutine_words(const model::Goroutine& goroutine) {
  return goroutine.id == 0 ? std::string("a goroutine") : fmt::format("goroutine {}", goroutine.id);
}

}  // namespace gopsy::render
