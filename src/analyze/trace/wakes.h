#pragma once

#include <cstdint>
#include <vector>

#include "analyze/trace/study.h"
#include "base/pair_table.h"
#include "model/trace_chains.h"

namespace gopsy::analyze {

/// Who ended a block: by whether a goroutine did, and by the reason of the block where none did.
model::TraceWaker waker_of(const StateInterval& block, std::string_view reason);

/// Sums up who unblocks whom, by the stacks of both.
///
/// Cost    about 10 ns a block; 60 bytes a pair of stacks, of which at most kMost are kept.
class Wakes {
 public:
  static constexpr std::uint32_t kMost = 1 << 18;

  void add(const TraceContext& context, const StateInterval& block);
  /// Most time first.
  void finish(model::TraceChains& chains);

 private:
  PairTable pairs_;
  std::vector<model::TraceWake> wakes_;
  std::uint64_t other_ = 0;
};

}  // namespace gopsy::analyze
