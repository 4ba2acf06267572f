#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "model/wait_facts.h"
#include "process/runtime/goroutine_reader.h"
#include "process/runtime/waits/frame_code.h"

namespace gopsy::process {

/// One thing that a goroutine waits for.
struct WaitedFor {
  model::WaitObject::Kind kind = model::WaitObject::Kind::Semaphore;
  std::uint64_t address = 0;
  model::WaitEdge::Act act = model::WaitEdge::Act::Wait;
  std::uint64_t lock = 0;  ///< of a Cond: its L
};

/// Finds what goroutines wait for.
///
/// Shape   channels by g.waiting and the links of its sudogs. Before Go 1.26 nothing leads from a goroutine to the
/// sudog of
///         a lock or a Cond but a local variable of the function that it waits in: a word of the innermost frames that
///         points to a sudog of this very goroutine.
/// Cost    a channel: a few words; a lock: one read of the words that the innermost frames point to, most often one
/// word,
///         since the variable stands at the same place in all frames of that function.
/// Source  runtime/sema.go semacquire1 and notifyListWait, runtime/chan.go, select.go, netpoll.go, time.go timeSleep.
class WaitFinder {
 public:
  WaitFinder(const GoRuntime& runtime, FrameCodes& frames)
      : runtime_(runtime), frames_(frames), layout_(wait_layout(runtime.layout.minor)) {}

  std::vector<WaitedFor> find(const ReadGoroutine& goroutine);

 private:
  void channels(const ReadGoroutine& goroutine, model::WaitEdge::Act act, std::vector<WaitedFor>& found);
  void lock(const ReadGoroutine& goroutine, std::vector<WaitedFor>& found);
  void condition(const ReadGoroutine& goroutine, std::vector<WaitedFor>& found);
  void descriptor(const ReadGoroutine& goroutine, std::vector<WaitedFor>& found);
  void timer(const ReadGoroutine& goroutine, std::vector<WaitedFor>& found);

  /// The first pointer in the innermost frames that `fits`, given the bytes it points to; 0: none does.
  template <class Fits>
  std::uint64_t pointer_in_frames(const ReadGoroutine& goroutine, std::size_t bytes, Fits fits);
  std::uint64_t sudog_of(const ReadGoroutine& goroutine, bool has_element);
  [[nodiscard]] std::uint64_t pointer_of(std::span<const char> sudog, std::size_t at) const;
  [[nodiscard]] std::uint64_t element_of(std::uint64_t sudog) const;
  [[nodiscard]] std::size_t sudog_size() const { return layout_.sudog_channel + (layout_.semaphore_waits ? 16U : 8U); }

  const GoRuntime& runtime_;
  FrameCodes& frames_;
  WaitLayout layout_;
  std::unordered_map<std::uint64_t, std::uint64_t> usual_;  // by the innermost pc: how far above sp it stood last
};

/// The fields of the object.
void read_object(const GoRuntime& runtime, model::WaitObject& object, model::Symbols& symbols);

}  // namespace gopsy::process
