#pragma once

#include <cstdint>
#include <vector>

#include "analyze/trace/study.h"
#include "base/pair_table.h"
#include "model/trace_chains.h"

namespace gopsy::analyze {

/// Whether the goroutine of a row is one of the runtime's own: their start functions are the runtime's. runtime.main,
/// where the program's main runs, is not.
bool is_runtime_goroutine(const TraceContext& context, std::uint32_t g);

/// The row of the goroutine that ended a block; 0: none did. Those of the runtime do not count: a worker of the
/// collector that looks for work hands on what the network or a timer brings.
inline std::uint32_t waker_row(const TraceContext& context, const StateInterval& block) {
  return block.ended_by == 0 || is_runtime_goroutine(context, block.ended_by) ? 0 : block.ended_by;
}

/// Who ended a block: by whether a goroutine did, and by the reason of the block where none did.
model::TraceWaker waker_of(std::uint32_t waker, std::string_view reason);

/// Sums up who unblocks whom, by the stacks of both.
///
/// Cost    about 10 ns a block; 60 bytes a pair of stacks, of which at most kMost are kept.
class Wakes {
 public:
  static constexpr std::uint32_t kMost = 1 << 18;

  void add(const TraceContext& context, const StateInterval& block, std::uint32_t waker);
  /// Most time first.
  void finish(model::TraceChains& chains);

 private:
  PairTable pairs_;
  std::vector<model::TraceWake> wakes_;
  std::uint64_t other_ = 0;
};

}  // namespace gopsy::analyze
