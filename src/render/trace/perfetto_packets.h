#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "analyze/trace/whole_trace.h"
#include "render/trace/trace_text.h"

namespace gopsy::render {

/// Writes the packets of one sequence of a Perfetto trace, each name and each stack once.
///
/// Shape   tracks are described before their events. Names, stacks and functions are interned with the packet that
///         needs them first.
/// Cost    memory for a bit a name and a stack; packets leave in pieces.
/// Source  protos/perfetto/trace/trace_packet.proto, track_event/*.proto, interned_data/interned_data.proto and
///         profiling/profile_common.proto of Perfetto, read in August 2026.
class PerfettoPackets {
 public:
  explicit PerfettoPackets(TextSink sink);

  /// Kinds of names, each numbered by something of its own.
  enum class Name : std::uint8_t { Fixed, Blocked, Preempted, Running, Goroutine, Wakes, Text, Stop };
  static constexpr std::uint64_t kNames = 8;

  enum class Unit : std::uint8_t { None, Count = 2, Bytes = 3 };

  struct Track {
    std::uint64_t uuid = 0;
    std::uint64_t parent = 0;  ///< 0: none
    std::string_view name;
    std::int64_t rank = 0;  ///< among the children of `parent`
    bool process = false;   ///< the process that all belongs to
    bool counter = false;
    Unit unit = Unit::None;
  };

  enum class Kind : std::uint8_t { Begin = 1, End = 2, Instant = 3, Counter = 4 };

  struct Event {
    std::int64_t ns = 0;
    Kind kind = Kind::Begin;
    std::uint64_t track = 0;
    std::uint64_t name = 0;       ///< from `name()`
    std::string_view words = {};  ///< instead of `name`, of what stands there once
    std::uint32_t stack = 0;      ///< row of WholeTrace::stacks; 0 and kLost: none
    std::uint64_t flow = 0;       ///< that begins here
    std::uint64_t ends = 0;       ///< flow that ends here
    std::int64_t value = 0;       ///< of a counter
    std::uint64_t task = 0;       ///< id of a task that it belongs to; 0: none
  };

  void track(const Track& track);
  void event(const Event& event, const analyze::WholeTrace& whole);
  /// The same moment on the clock of the events and on the wall.
  void clock(std::int64_t ns, std::int64_t wall_ns);

  /// The number of a name in the trace; `words` makes it where it is new.
  template <class Words>
  std::uint64_t name(Name kind, std::uint64_t of, const Words& words) {
    auto& known = names_[static_cast<std::size_t>(kind)];
    const std::uint64_t iid = of * kNames + static_cast<std::uint64_t>(kind) + 1;
    if (of >= known.size()) known.resize(of + of / 4 + 1);
    if (!known[of]) {
      known[of] = true;
      intern_name(iid, words());
    }
    return iid;
  }

  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }

 private:
  void intern_name(std::uint64_t iid, std::string_view words);
  void intern_stack(std::uint32_t stack, const analyze::WholeTrace& whole);
  void intern_text(unsigned field, std::vector<bool>& known, StringId id, const analyze::WholeTrace& whole);
  void packet(const std::int64_t* ns, unsigned field, std::string_view content);

  TextSink sink_;
  std::string out_;
  std::string body_;
  std::string interned_;
  std::string nested_;
  std::vector<bool> names_[kNames];
  std::vector<bool> stacks_;
  std::vector<bool> frames_;
  std::vector<bool> functions_;
  std::vector<bool> files_;
  std::uint64_t bytes_ = 0;
  bool first_ = true;
  bool wanted_ = true;
  bool task_named_ = false;

 public:
  ~PerfettoPackets() { flush(); }
  PerfettoPackets(const PerfettoPackets&) = delete;
  PerfettoPackets& operator=(const PerfettoPackets&) = delete;
  void flush();
};

}  // namespace gopsy::render
