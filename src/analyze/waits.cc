#include "analyze/waits.h"

#include <string_view>

#include "base/text.h"
#include "model/arguments.h"

namespace gopsy::analyze {
namespace {

using model::WaitKind;

// The first argument as an address, unless the runtime marks it as possibly stale.
std::optional<std::uint64_t> address_in(std::string_view args) {
  const auto value = model::first_argument(args);
  return value && *value != 0 ? value : std::nullopt;
}

// "sync.(*Mutex).Lock" of "sync.(*Mutex).Lock" and "internal/sync.(*Mutex).Lock" (1.24 moved it).
std::string_view sync_method(std::string_view function) {
  if (!consume(function, "internal/sync.") && !consume(function, "sync.")) return {};
  return function;
}

WaitKind kind_of_sync_frame(std::string_view method) {
  if (method == "(*WaitGroup).Wait") return WaitKind::WaitGroupWait;
  if (method == "(*RWMutex).RLock" || method == "runtime_SemacquireRWMutexR") return WaitKind::RWMutexRLock;
  if (method == "(*RWMutex).Lock" || method == "runtime_SemacquireRWMutex") return WaitKind::RWMutexLock;
  if (method == "(*Cond).Wait") return WaitKind::CondWait;
  if (method == "(*Mutex).Lock" || method == "(*Mutex).lockSlow") return WaitKind::MutexLock;
  return WaitKind::None;
}

}  // namespace

Wait wait_of(const model::Traceback& traceback, const model::Goroutine& goroutine, const model::Symbols& symbols) {
  Wait wait{.kind = goroutine.wait};
  WaitKind from_frames = WaitKind::None;
  for (const model::TracebackFrame& frame : traceback.frames_of(goroutine)) {
    if ((symbols.origin(frame.function) & (model::Origin::Runtime | model::Origin::Sync)) == 0) {
      wait.place = &frame;
      break;
    }
    const std::string_view function = symbols.text(frame.function);
    const std::string_view method = sync_method(function);
    // The outermost of the sync frames is what the program called: RWMutex.Lock locks a Mutex inside.
    const WaitKind kind = kind_of_sync_frame(method);
    if (kind != WaitKind::None) from_frames = kind;
    if (method.starts_with("(*Once).")) wait.in_once = true;
    const bool shows_address = method == "(*Mutex).lockSlow" || function.starts_with("runtime.chansend") ||
                               function.starts_with("runtime.chanrecv");
    if (shows_address && !wait.address) wait.address = address_in(symbols.text(frame.args));
  }
  const bool vague = wait.kind == WaitKind::Semacquire || wait.kind == WaitKind::MutexLock;
  if (vague && from_frames != WaitKind::None) wait.kind = from_frames;
  return wait;
}

bool needs_a_peer(WaitKind kind) {
  switch (kind) {
    case WaitKind::ChanReceive:
    case WaitKind::ChanSend:
    case WaitKind::ChanReceiveNil:
    case WaitKind::ChanSendNil:
    case WaitKind::Select:
    case WaitKind::SelectNoCases:
    case WaitKind::MutexLock:
    case WaitKind::RWMutexRLock:
    case WaitKind::RWMutexLock:
    case WaitKind::WaitGroupWait:
    case WaitKind::CondWait:
    case WaitKind::Semacquire: return true;
    default: return false;
  }
}

}  // namespace gopsy::analyze
