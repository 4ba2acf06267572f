#pragma once

#include <bit>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "analyze/trace/lock_queues.h"
#include "analyze/trace/past.h"
#include "analyze/trace/study.h"
#include "analyze/trace/wakes.h"
#include "model/trace_chains.h"

namespace gopsy::analyze {

/// Follows long blocks back to their causes.
///
/// When a goroutine is woken, what its waker did meanwhile is looked up at once and noted as the cause of that block.
/// Where the waker was itself blocked for most of it, its own block has been noted before: a chain is a walk from note
/// to note, whatever became of the goroutines since.
///
/// Shape   blocks of at least a quarter of the threshold are noted; those of at least the threshold are grouped by the
///         stacks of their chains, the longest kept whole. Goroutines of the runtime itself are left out as the
///         blocked.
/// Cost    nothing for short blocks; a look into the waker's past for others. The last 2^16 notes are kept.
class LongBlocks {
 public:
  explicit LongBlocks(std::int64_t threshold_ns);

  /// A note of the block's cause, or 0: it is too short to be noted.
  std::uint32_t add(const TraceContext& context, const StateInterval& block, const TracePast& past);
  void open(const TraceContext& context, const StateInterval& block);
  void finish(model::TraceChains& chains);

 private:
  struct Note {
    model::TraceChainLink link;
    std::uint32_t cause = 0;  // the note of the block that the waker was in for most of it
    model::TraceChainEnd end = model::TraceChainEnd::Unknown;
  };
  static constexpr std::size_t kNotes = 1 << 16;
  static constexpr std::size_t kLinks = 12;
  static constexpr std::size_t kPatterns = 4096;
  static constexpr std::size_t kWorst = 64;

  [[nodiscard]] const Note* note(std::uint32_t number) const;
  void judge(const TraceContext& context, Note& note, std::uint32_t waker, const TracePast::Look& look) const;
  [[nodiscard]] model::TraceChain chain(std::uint32_t number) const;
  void tell(std::uint32_t number);

  std::int64_t threshold_ns_;
  std::int64_t noted_ns_;
  std::vector<Note> notes_;  // number n at n modulo kNotes
  std::uint32_t last_ = 0;
  std::unordered_map<std::uint64_t, std::uint32_t> pattern_rows_;  // by hash of the stacks of a chain
  model::TraceChains found_;
};

/// Who unblocks whom, why long blocks took long, and where goroutines queue: all that follows from wake-ups.
///
/// Shape   a part of a study; `take` once it is finished.
class WaitChains final : public TracePart {
 public:
  explicit WaitChains(std::int64_t threshold_ns) : past_(threshold_ns / 64), blocks_(threshold_ns) {}

  void step(const TraceContext& context, std::span<const model::TraceEvent> events,
            std::span<const StateInterval> ended) override;
  void finish(const TraceContext& context) override;

  model::TraceChains take() { return std::move(chains_); }

 private:
  TracePast past_;
  Wakes wakes_;
  LongBlocks blocks_;
  LockQueues locks_;
  model::TraceChains chains_;
};

}  // namespace gopsy::analyze
