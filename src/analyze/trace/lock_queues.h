#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "analyze/trace/past.h"
#include "analyze/trace/study.h"
#include "model/trace_chains.h"

namespace gopsy::analyze {

/// The queues of goroutines in package sync, by the place that calls it.
///
/// While one stands in the queue of a lock, somebody holds it. The turn that a wake-up ends lasts from the wake-up
/// before it (or from when the queue came to be) until then, and belongs to the waker: turns tile the time of the
/// queue.
///
/// Shape   the trace does not tell locks apart: two locks taken at one line are one queue, and one lock taken at two
///         lines is two.
/// Cost    only of blocks in package sync: about 100 ns each; a row a place, at most kMost.
class LockQueues {
 public:
  static constexpr std::size_t kMost = 4096;

  void step_begins(const TraceContext& context) {
    if (context.lives.size() > in_.size()) in_.resize(context.lives.size());
  }
  /// The interval `before` ends in a block for `reason`.
  void enter(const TraceContext& context, const StateInterval& before, StringId reason);
  void leave(const TraceContext& context, const StateInterval& block, const TracePast& past);
  void finish(const TraceContext& context, model::TraceChains& chains);

 private:
  static constexpr std::size_t kSlices = 64;
  static constexpr std::size_t kHolders = 16;
  static constexpr std::uint32_t kNoSite = UINT32_MAX;

  struct Site {
    model::TraceLockSite told;
    std::uint32_t queue = 0;
    std::int64_t since_ns = 0;  // the queue has been that long
    std::int64_t turn_ns = 0;   // when the present turn began
    std::uint64_t holder = 0;   // number of the life that was let in last
    std::uint64_t run = 0;
  };

  std::uint32_t site_of(const TraceContext& context, std::uint32_t stack);
  std::uint32_t find_site(const TraceContext& context, std::uint32_t stack);
  void pass(const TraceContext& context, Site& site, std::int64_t now_ns);
  void turn(const TraceContext& context, Site& site, const StateInterval& block, const TracePast& past);

  StringId sync_;
  std::vector<std::uint32_t> in_;                          // 1 + site, by row of goroutine: in whose queue it stands
  std::vector<std::uint32_t> site_of_stack_;               // 1 + site; 0: not looked up yet
  std::unordered_map<std::uint64_t, std::uint32_t> rows_;  // by place and call
  std::vector<Site> sites_;
  std::uint64_t other_ = 0;
  std::int64_t slice_ns_ = 1'000'000;
};

}  // namespace gopsy::analyze
