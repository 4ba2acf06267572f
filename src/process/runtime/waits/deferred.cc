#include "process/runtime/waits/deferred.h"

#include <algorithm>
#include <unordered_set>

namespace gopsy::process {
namespace {

constexpr unsigned kMostOpen = 8;  // cmd/compile/internal/walk: maxOpenDefers
constexpr std::size_t kMostRecords = 10'000;
constexpr std::uint64_t kOpenDeferFlag = 2;  // _defer.openDefer, up to Go 1.21
constexpr unsigned kNoOpenRecords = 22;

class Reader {
 public:
  Reader(const GoRuntime& runtime, const ReadGoroutine& goroutine, FrameCodes& frames)
      : runtime_(runtime), goroutine_(goroutine), frames_(frames), layout_(wait_layout(runtime.layout.minor)) {}

  std::vector<Deferred> read() {
    const auto& frames = goroutine_.stack->frames;
    for (std::size_t i = 0; i < frames.size(); ++i) {
      const FrameCode& code = frames_.of(*frames[i].code, frames[i].pc);
      if (code.has_open_defers) open_coded(i, code);
    }
    records();
    // Both kinds never stand in one frame: a frame's own order is kept.
    std::ranges::stable_sort(found_, {}, &Deferred::frame);
    return std::move(found_);
  }

 private:
  [[nodiscard]] bool is_closure(std::uint64_t address) const {
    const auto entry = address == 0 ? std::nullopt : runtime_.memory->word(address);
    return entry && runtime_.text.contains(*entry);
  }

  void add(std::size_t frame, std::optional<std::uint64_t> closure, bool pending) {
    if (closure && is_closure(*closure)) found_.push_back({.frame = frame, .closure = *closure, .ran = !pending});
  }

  void open_coded(std::size_t index, const FrameCode& code) {
    const StackFrame& frame = goroutine_.stack->frames[index];
    // runtime/traceback.go: below the return address, where there is one on the stack, and the saved frame pointer.
    const std::uint64_t variables = frame.fp - (runtime_.link_register ? 8 : 16);
    const auto word = goroutine_.memory.word(variables - code.bits_offset);
    if (!word) return;
    const auto bits = static_cast<std::uint8_t>(*word & 0xFFU);
    const bool panics = goroutine_.state.panic != 0;
    if (bits == 0 && !panics) return;
    if (layout_.slots_in_a_row) {
      const std::uint64_t slots = variables - code.slots_offset;
      unsigned count = 0;
      // How many slots there are is not told: set bits are, and what was run left its closure.
      for (unsigned i = 0; i < kMostOpen; ++i)
        if ((bits >> i & 1U) != 0 ||
            (panics && count == i && is_closure(goroutine_.memory.word(slots + 8 * i).value_or(0))))
          count = i + 1;
      for (unsigned i = count; i-- > 0;) slot(index, slots + std::uint64_t{8} * i, (bits >> i & 1U) != 0, panics);
      return;
    }
    std::string_view info = code.slot_offsets;
    const std::uint64_t count = std::min<std::uint64_t>(take_varint(info), kMostOpen);
    for (std::uint64_t i = count; i-- > 0;) slot(index, variables - take_varint(info), (bits >> i & 1U) != 0, panics);
  }

  void slot(std::size_t index, std::uint64_t address, bool pending, bool panics) {
    if (pending || panics) add(index, goroutine_.memory.word(address), pending);
  }

  void records() {
    const Memory& memory = *runtime_.memory;
    std::unordered_set<std::uint64_t> seen;
    const auto& frames = goroutine_.stack->frames;
    std::uint64_t record = memory.word(goroutine_.state.address + WaitLayout::kDefers).value_or(0);
    while (record != 0 && seen.size() < kMostRecords && seen.insert(record).second) {
      const auto sp = memory.word(record + 8);
      const auto closure = memory.word(record + 24);
      const auto link = memory.word(record + layout_.defer_link);
      if (!sp || !closure || !link) return;
      const bool open =
          runtime_.layout.minor < kNoOpenRecords && memory.get<std::uint8_t>(record + kOpenDeferFlag).value_or(0) != 0;
      // Frames go outwards, so their stack pointers grow.
      const auto frame = std::ranges::lower_bound(frames, *sp, {}, &StackFrame::sp);
      if (!open && frame != frames.end() && frame->sp == *sp)
        add(static_cast<std::size_t>(frame - frames.begin()), closure, true);
      record = *link;
    }
  }

  const GoRuntime& runtime_;
  const ReadGoroutine& goroutine_;
  FrameCodes& frames_;
  WaitLayout layout_;
  std::vector<Deferred> found_;
};

}  // namespace

std::vector<Deferred> deferred_calls(const GoRuntime& runtime, const ReadGoroutine& goroutine, FrameCodes& frames) {
  return Reader(runtime, goroutine, frames).read();
}

}  // namespace gopsy::process
