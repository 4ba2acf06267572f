#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "analyze/trace/study.h"
#include "analyze/trace/worst.h"
#include "model/trace_signs.h"

namespace gopsy::analyze {

/// Sums up waits, system calls and creations by place, and finds the goroutines that others wait for.
///
/// Shape   a part of a study; it writes into the signs it is given, which are whole once it is finished.
/// Cost    about 8 ns an interval; memory for the goroutines that live and the stacks there are.
class PlaceSigns final : public TracePart {
 public:
  PlaceSigns(model::TraceSigns& signs, std::int64_t threshold_ns) : signs_(signs) { signs.threshold_ns = threshold_ns; }

  void step(const TraceContext& context, std::span<const model::TraceEvent> events,
            std::span<const StateInterval> ended) override;
  void finish(const TraceContext& context) override;

 private:
  struct Life {
    std::int64_t running_ns = 0;
    std::int64_t busy_ns = 0;
    std::int64_t ended_ns = 0;  // of others' waiting
    std::uint64_t ended = 0;
    std::int64_t longest_ns = 0;
    std::uint32_t longest_stack = 0;
    std::uint32_t last_wait = 0;  // one more than a row of signs.waits
    bool by_nobody = false;       // its last wait was ended by nobody
  };

  void waited(const TraceContext& context, const StateInterval& one, Life& life);
  void queued(const TraceContext& context, const StateInterval& one);
  void ran(const StateInterval& one, Life& life);
  void called(const TraceContext& context, const StateInterval& one, Life& life);
  void end_life(const TraceContext& context, const StateInterval& one, Life& life);
  std::uint32_t wait_row(const TraceContext& context, const StateInterval& one);

  model::TraceSigns& signs_;
  std::vector<Life> lives_;                  // by row of goroutine
  std::vector<bool> counts_as_service_;      // by row of signs.waits
  std::vector<std::uint32_t> wait_rows_;     // by stack: one more than a row of signs.waits
  std::vector<std::uint32_t> syscall_rows_;  // likewise
  std::vector<std::uint32_t> creation_rows_;
  std::map<std::pair<std::uint32_t, StringId>, std::uint32_t> further_reasons_;  // of a stack
  WorstCases latencies_;
  StringId gosched_;
  std::int64_t least_service_ns_ = 0;
};

}  // namespace gopsy::analyze
