#include "process/runtime/waits/waited_for.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <span>
#include <unordered_set>

#include "binary/reader.h"
#include "model/wait_kind.h"
#include "process/runtime/panics.h"

namespace gopsy::process {
namespace {

using Act = model::WaitEdge::Act;
using Kind = model::WaitObject::Kind;
using model::WaitKind;

constexpr std::size_t kMostCases = 65'536;  // of a select: what reflect.Select allows
constexpr std::size_t kFramesLooked = 8;
constexpr std::uint64_t kWordsLooked = 512;
constexpr std::uint64_t kLowest = 4096;
constexpr std::uint64_t kHighest = std::uint64_t{1} << 47;
constexpr unsigned kMostListed = 256;

// sync/mutex.go, rwmutex.go, waitgroup.go, cond.go: how far behind its start an object has its semaphore or list.
constexpr std::uint64_t kMutexSemaphore = 4;
constexpr std::uint64_t kWriterSemaphore = 8;
constexpr std::uint64_t kReaderSemaphore = 12;
constexpr std::uint64_t kWaitGroupSemaphore = 8;
constexpr std::uint64_t kCondList = 16;
constexpr std::uint64_t kListHead = 16;
constexpr std::uint64_t kListTail = 24;

std::uint64_t word_in(std::span<const char> bytes, std::size_t at) {
  std::uint64_t word = 0;
  if (at + 8 <= bytes.size()) std::memcpy(&word, bytes.data() + at, 8);
  return word;
}

bool may_be_pointer(std::uint64_t word) { return word >= kLowest && word < kHighest && word % 8 == 0; }

}  // namespace

template <class Fits>
std::uint64_t WaitFinder::pointer_in_frames(const ReadGoroutine& goroutine, std::size_t bytes, Fits fits) {
  const auto& frames = goroutine.stack->frames;
  if (frames.empty()) return 0;
  const std::uint64_t low = frames.front().sp;
  const std::uint64_t high = std::min(frames[std::min(frames.size(), kFramesLooked) - 1].fp, low + kWordsLooked * 8);
  std::array<char, 128> one{};
  const auto usual = usual_.find(frames.front().pc * 2 + bytes % 2);
  if (usual != usual_.end()) {
    const std::uint64_t word = goroutine.memory.word(low + usual->second).value_or(0);
    if (may_be_pointer(word) && runtime_.memory->read(word, std::span(one).first(bytes)) == bytes &&
        fits(word, std::span<const char>(one).first(bytes)))
      return word;
  }
  std::vector<std::uint64_t> places;
  std::vector<Memory::Request> requests;
  std::vector<char> buffer(kWordsLooked * bytes);
  for (std::uint64_t at = low; at + 8 <= high; at += 8) {
    const std::uint64_t word = goroutine.memory.word(at).value_or(0);
    if (!may_be_pointer(word)) continue;
    requests.push_back({.address = word, .into = std::span(buffer).subspan(places.size() * bytes, bytes)});
    places.push_back(at);
  }
  runtime_.memory->read_many(requests);
  for (std::size_t i = 0; i < requests.size(); ++i) {
    const Memory::Request& request = requests[i];
    if (request.got != bytes || !fits(request.address, request.into)) continue;
    usual_[frames.front().pc * 2 + bytes % 2] = places[i] - low;
    return request.address;
  }
  return 0;
}

// Since Go 1.26 the pointer stands there twice; the first is taken away while leaked goroutines are looked for.
std::uint64_t WaitFinder::pointer_of(std::span<const char> sudog, std::size_t at) const {
  const std::uint64_t pointer = word_in(sudog, at);
  return pointer == 0 && layout_.semaphore_waits ? word_in(sudog, at + 8) : pointer;
}

std::uint64_t WaitFinder::sudog_of(const ReadGoroutine& goroutine, bool has_element) {
  const std::uint64_t g = goroutine.state.address;
  const std::size_t size = sudog_size();
  const auto fits = [&](std::uint64_t, std::span<const char> sudog) {
    if (word_in(sudog, WaitLayout::kSudogG) != g || pointer_of(sudog, layout_.sudog_channel) != 0) return false;
    return (pointer_of(sudog, WaitLayout::kSudogElement) != 0) == has_element;
  };
  if (layout_.semaphore_waits) {
    std::array<char, 128> bytes{};
    const std::uint64_t waiting = runtime_.memory->word(g + runtime_.layout.g.waiting).value_or(0);
    if (waiting != 0 && runtime_.memory->read(waiting, std::span(bytes).first(size)) == size &&
        fits(waiting, std::span<const char>(bytes).first(size)))
      return waiting;
  }
  return pointer_in_frames(goroutine, size, fits);
}

std::uint64_t WaitFinder::element_of(std::uint64_t sudog) const {
  std::array<char, 16> bytes{};
  runtime_.memory->read(sudog + WaitLayout::kSudogElement, bytes);
  return pointer_of(bytes, 0);
}

void WaitFinder::channels(const ReadGoroutine& goroutine, Act act, std::vector<WaitedFor>& found) {
  std::uint64_t sudog = runtime_.memory->word(goroutine.state.address + runtime_.layout.g.waiting).value_or(0);
  std::unordered_set<std::uint64_t> seen;
  std::array<char, 128> bytes{};
  const std::size_t size = sudog_size();
  while (sudog != 0 && seen.size() < kMostCases && seen.insert(sudog).second) {
    if (runtime_.memory->read(sudog, std::span(bytes).first(size)) != size) return;
    if (word_in(bytes, WaitLayout::kSudogG) != goroutine.state.address) return;
    const std::uint64_t channel = pointer_of(std::span<const char>(bytes).first(size), layout_.sudog_channel);
    if (channel != 0) {
      WaitedFor waited{.kind = Kind::Channel, .address = channel, .act = act};
      // A case of a select: one channel never has receivers and senders that wait at the same time.
      if (act == Act::Wait) {
        const std::uint64_t receivers = layout_.channel_type + std::uint64_t{24};
        waited.act = runtime_.memory->word(channel + receivers + 16).value_or(0) != 0 ? Act::Send : Act::Receive;
      }
      found.push_back(waited);
    }
    sudog = word_in(bytes, layout_.sudog_waitlink);
  }
}

void WaitFinder::lock(const ReadGoroutine& goroutine, std::vector<WaitedFor>& found) {
  const std::uint64_t sudog = sudog_of(goroutine, true);
  if (sudog == 0) return;
  const std::uint64_t semaphore = element_of(sudog);
  // What the functions that it waits in say, up to the first that is not of sync.
  unsigned marks = 0;
  for (const StackFrame& frame : goroutine.stack->frames) {
    const FrameCode& code = frames_.of(*frame.code, frame.pc);
    marks |= code.marks;
    if ((code.marks & kSyncOnly) == 0) break;
  }
  if ((marks & kRWMutexRLock) != 0) {
    found.push_back({.kind = Kind::RWMutex, .address = semaphore - kReaderSemaphore, .act = Act::ReadLock});
  } else if ((marks & kRWMutexLock) != 0) {
    const std::uint64_t behind = (marks & kMutexLock) != 0 ? kMutexSemaphore : kWriterSemaphore;
    found.push_back({.kind = Kind::RWMutex, .address = semaphore - behind, .act = Act::Lock});
  } else if ((marks & kMutexLock) != 0) {
    found.push_back({.kind = Kind::Mutex, .address = semaphore - kMutexSemaphore, .act = Act::Lock});
  } else if ((marks & kWaitGroupWait) != 0) {
    found.push_back({.kind = Kind::WaitGroup, .address = semaphore - kWaitGroupSemaphore, .act = Act::Wait});
  } else {
    found.push_back({.kind = Kind::Semaphore, .address = semaphore, .act = Act::Wait});
  }
}

void WaitFinder::condition(const ReadGoroutine& goroutine, std::vector<WaitedFor>& found) {
  // Since Go 1.26 the sudog says which list it is in.
  const std::uint64_t sudog = sudog_of(goroutine, layout_.semaphore_waits);
  if (sudog == 0) return;
  const std::size_t size = kListTail + 8;
  // A list of sudogs that ends where it says, this one among them. A pointer into the middle of a list would show its
  // tail for its head.
  const auto fits = [&](std::uint64_t address, std::span<const char> list) {
    const std::uint64_t head = word_in(list, kListHead);
    const std::uint64_t tail = word_in(list, kListTail);
    if (address == sudog || !may_be_pointer(head) || !may_be_pointer(tail) || runtime_.memory->word(tail + 8) != 0)
      return false;
    bool is_in = false;
    std::uint64_t next = head;
    std::uint64_t last = 0;
    for (unsigned i = 0; i < kMostListed && next != 0; ++i) {
      is_in = is_in || next == sudog;
      last = next;
      next = runtime_.memory->word(next + 8).value_or(0);
    }
    return next != 0 || (is_in && last == tail);
  };
  const std::uint64_t list = layout_.semaphore_waits ? element_of(sudog) : pointer_in_frames(goroutine, size, fits);
  if (list == 0) return;
  const std::uint64_t cond = list - kCondList;
  found.push_back(
      {.kind = Kind::Cond, .address = cond, .act = Act::Wait, .lock = runtime_.memory->word(cond + 8).value_or(0)});
}

void WaitFinder::descriptor(const ReadGoroutine& goroutine, std::vector<WaitedFor>& found) {
  const std::uint64_t g = goroutine.state.address;
  const std::size_t readers = layout_.poll_readers;
  const std::uint64_t poll =
      pointer_in_frames(goroutine, readers + 16, [&](std::uint64_t, std::span<const char> bytes) {
        return word_in(bytes, readers) == g || word_in(bytes, readers + 8) == g;
      });
  if (poll == 0) return;
  const bool reads = runtime_.memory->word(poll + readers) == g;
  found.push_back({.kind = Kind::Descriptor, .address = poll, .act = reads ? Act::Read : Act::Write});
}

void WaitFinder::timer(const ReadGoroutine& goroutine, std::vector<WaitedFor>& found) {
  const std::uint64_t at = goroutine.state.address + runtime_.layout.g.waiting + WaitLayout::kTimerBehindWaiting;
  if (const std::uint64_t timer = runtime_.memory->word(at).value_or(0); timer != 0)
    found.push_back({.kind = Kind::Timer, .address = timer, .act = Act::Sleep});
}

std::vector<WaitedFor> WaitFinder::find(const ReadGoroutine& goroutine) {
  std::vector<WaitedFor> found;
  const auto status = goroutine.state.status;
  if (goroutine.stack == nullptr || (status != GoroutineState::Waiting && status != GoroutineState::Leaked))
    return found;
  switch (model::wait_kind(state_text(runtime_, goroutine.state))) {
    case WaitKind::ChanReceive: channels(goroutine, Act::Receive, found); break;
    case WaitKind::ChanSend: channels(goroutine, Act::Send, found); break;
    case WaitKind::Select: channels(goroutine, Act::Wait, found); break;
    case WaitKind::ChanReceiveNil: found.push_back({.kind = Kind::NilChannel, .act = Act::Receive}); break;
    case WaitKind::ChanSendNil: found.push_back({.kind = Kind::NilChannel, .act = Act::Send}); break;
    case WaitKind::MutexLock:
    case WaitKind::RWMutexRLock:
    case WaitKind::RWMutexLock:
    case WaitKind::WaitGroupWait:
    case WaitKind::Semacquire: lock(goroutine, found); break;
    case WaitKind::CondWait: condition(goroutine, found); break;
    case WaitKind::IoWait: descriptor(goroutine, found); break;
    case WaitKind::Sleep: timer(goroutine, found); break;
    default: break;
  }
  return found;
}

namespace {

constexpr std::int64_t kWriterPending = std::int64_t{1} << 30;  // sync/rwmutex.go rwmutexMaxReaders
constexpr std::uint32_t kLocked = 1;
constexpr std::uint32_t kStarving = 4;
constexpr unsigned kWaiterShift = 3;
constexpr unsigned kCounterShift = 32;

void read_channel(const WaitLayout& layout, const GoRuntime& runtime, const binary::Reader& at,
                  model::WaitObject& object, model::Symbols& symbols) {
  const auto word = [&](std::uint64_t offset) { return at.get<std::uint64_t>(offset).value_or(0); };
  object.queued = word(0);
  object.capacity = word(8);
  object.closed = at.get<std::uint32_t>(28).value_or(0) != 0;
  object.timed = layout.channel_timer != 0 && word(layout.channel_timer) != 0;
  if (const std::string name = type_name(runtime, word(layout.channel_type)); !name.empty())
    object.element = symbols.intern(name);
}

void read_rwmutex(const binary::Reader& at, model::WaitObject& object) {
  const auto number = [&](std::uint64_t offset) {
    return static_cast<std::int32_t>(at.get<std::uint32_t>(offset).value_or(0));
  };
  const std::int64_t count = number(16);
  object.writer_waits = count < 0;
  object.readers = count < 0 ? count + kWriterPending : count;
  object.leaving = number(20);
  const auto state = at.get<std::uint32_t>(0).value_or(0);
  object.waiters = state >> kWaiterShift;
  object.locked = object.writer_waits && object.leaving <= 0;
}

}  // namespace

void read_object(const GoRuntime& runtime, model::WaitObject& object, model::Symbols& symbols) {
  const WaitLayout layout = wait_layout(runtime.layout.minor);
  std::array<char, 64> bytes{};
  std::size_t needed = 0;
  switch (object.kind) {
    case Kind::Channel: needed = 64; break;
    case Kind::Mutex: needed = 8; break;
    case Kind::RWMutex: needed = 24; break;
    case Kind::WaitGroup: needed = 12; break;
    case Kind::Descriptor: needed = WaitLayout::kDescriptor + 8; break;
    case Kind::Timer: needed = layout.timer_when + std::size_t{8}; break;
    case Kind::Semaphore:
    case Kind::Cond:
    case Kind::NilChannel: return;
  }
  if (runtime.memory->read(object.address, std::span(bytes).first(needed)) != needed) return;
  const binary::Reader at({bytes.data(), needed}, false);
  object.known = true;
  const auto state = at.get<std::uint32_t>(0).value_or(0);
  switch (object.kind) {
    case Kind::Channel: read_channel(layout, runtime, at, object, symbols); break;
    case Kind::Mutex:
      object.locked = (state & kLocked) != 0;
      object.starving = (state & kStarving) != 0;
      object.waiters = state >> kWaiterShift;
      break;
    case Kind::RWMutex: read_rwmutex(at, object); break;
    case Kind::WaitGroup:
      object.outstanding = static_cast<std::int32_t>(at.get<std::uint64_t>(0).value_or(0) >> kCounterShift);
      object.waiters = state & INT32_MAX;
      break;
    case Kind::Descriptor:
      object.descriptor = static_cast<std::int64_t>(at.get<std::uint64_t>(WaitLayout::kDescriptor).value_or(0));
      break;
    case Kind::Timer:
      object.due_ns = static_cast<std::int64_t>(at.get<std::uint64_t>(layout.timer_when).value_or(0));
      break;
    case Kind::Semaphore:
    case Kind::Cond:
    case Kind::NilChannel: break;
  }
}

}  // namespace gopsy::process
