#pragma once

#include <cstdint>
#include <vector>

#include "analyze/trace/study.h"
#include "model/trace_times.h"

namespace gopsy::analyze {

/// What each living goroutine did, the newest in detail and the older the coarser, so that at the moment of a wake-up
/// one can ask what the waker did while the other waited.
///
/// Shape   an entry is a block or system call with the running and waiting for a processor that followed it, or several
///         of them until they fill `grain_ns`. When a goroutine has as many entries as it may, the older half is folded
///         in pairs: the last few long blocks stay exact, the whole life stays covered.
/// Cost    a few nanoseconds an interval, two cache lines a goroutine; at most 32 entries of 80 bytes a living
///         goroutine, 8 where tens of thousands live. A look-back reads them once.
class TracePast {
 public:
  /// One block or system call.
  struct Piece {
    std::int64_t begin_ns = 0;
    std::int64_t end_ns = 0;
    std::uint32_t stack = 0;
    std::uint32_t cause = 0;  ///< what the caller noted of it
    StringId reason;
    model::GoState state = model::GoState::NotExist;
  };
  /// What a goroutine did over a window of time. Sums are exact but where the window begins inside a folded entry:
  /// there the entry's times but for its longest piece are taken to be spread evenly.
  struct Look {
    model::TraceStates states;
    std::int64_t unborn_ns = 0;   ///< the window begins before what is known of the goroutine
    Piece longest;                ///< the block or system call with the largest part in the window
    std::int64_t longest_ns = 0;  ///< that part
  };

  explicit TracePast(std::int64_t grain_ns) : grain_ns_(grain_ns) {}

  void step_begins(std::size_t rows) {
    if (rows > lives_.size()) lives_.resize(rows);
    most_ = rows < 8192 ? 32 : rows < 65536 ? 16 : 8;
  }

  /// The goroutine of row one.g did this after what was added before.
  void add(const StateInterval& one, std::uint32_t cause);
  void end_life(std::uint32_t g) {
    lives_[g].older.clear();
    lives_[g].known = false;
  }

  /// What goroutine `g`, which runs at to_ns, did since from_ns.
  [[nodiscard]] Look look(std::uint32_t g, std::int64_t from_ns, std::int64_t to_ns) const;

 private:
  struct Entry {
    std::int64_t begin_ns = 0;
    Piece piece;
    std::int64_t running_ns = 0;
    std::int64_t runnable_ns = 0;
    std::int64_t syscall_ns = 0;
    std::int64_t waiting_ns = 0;
  };
  struct Life {
    Entry newest;
    std::int64_t until_ns = 0;  // the end of the newest entry
    std::vector<Entry> older;   // oldest first
    bool known = false;
  };

  static void fold(std::vector<Entry>& entries);

  static void see(const Entry& entry, std::int64_t end_ns, std::int64_t from_ns, std::int64_t to_ns, Look& seen);

  std::int64_t grain_ns_;
  std::vector<Life> lives_;
  std::size_t most_ = 32;
};

}  // namespace gopsy::analyze
