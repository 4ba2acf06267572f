#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "analyze/trace/study.h"
#include "model/trace_timeline.h"

namespace gopsy::analyze {

/// A quantity over time, in buckets of 2^k ns that double when there are too many.
///
/// Shape   `add` a constant level over a span of time, in any order; `means` over each bucket.
/// Cost    O(1) a span.
class LevelBuckets {
 public:
  static constexpr std::size_t kBuckets = 512;

  void add(std::size_t from, std::size_t to, std::int64_t into_from_ns, std::int64_t into_to_ns, std::int64_t level,
           std::int64_t bucket_ns) {
    if (from == to) {
      partial_[from] += static_cast<double>(level) * static_cast<double>(into_to_ns - into_from_ns);
      return;
    }
    partial_[from] += static_cast<double>(level) * static_cast<double>(bucket_ns - into_from_ns);
    partial_[to] += static_cast<double>(level) * static_cast<double>(into_to_ns);
    full_[from + 1] += level;
    full_[to] -= level;
  }
  /// A level of 1 for so long in one bucket.
  void add_within(std::size_t bucket, std::uint64_t ns) { partial_[bucket] += static_cast<double>(ns); }
  void halve(std::int64_t bucket_ns);
  [[nodiscard]] std::vector<double> areas(std::int64_t bucket_ns) const;

 private:
  std::array<double, kBuckets> partial_{};         // level x ns
  std::array<std::int64_t, kBuckets + 1> full_{};  // changes of the level over whole buckets
};

/// How a trace goes over time.
///
/// Shape   a part of a study; `take` once it is finished.
/// Cost    about 3 ns an interval, 1 ns an event; 512 buckets, whatever the length.
class Timeline final : public TracePart {
 public:
  void before(const TraceContext& context, std::span<const model::TraceEvent> events) override;
  void step(const TraceContext& context, std::span<const model::TraceEvent> events,
            std::span<const StateInterval> ended) override;
  void finish(const TraceContext& context) override;

  model::TraceTimeline take() { return std::move(timeline_); }

 private:
  // A level that events change: since when it is what it is.
  struct Level {
    std::int64_t level = 0;
    std::int64_t since_ns = 0;
    LevelBuckets buckets;
  };

  std::size_t bucket(std::int64_t ns);
  void span(LevelBuckets& buckets, std::int64_t begin_ns, std::int64_t end_ns, std::int64_t level);
  void set(Level& level, std::int64_t ns, std::int64_t now);
  void event(const model::TraceEvent& event, bool counts);
  void proc(std::uint32_t row, bool runs, std::int64_t ns);

  static constexpr unsigned kFirstShift = 10;

  model::TraceTimeline timeline_;
  bool started_ = false;
  std::int64_t origin_ns_ = 0;
  std::int64_t sync_ns_ = 0;
  unsigned shift_ = kFirstShift;
  std::array<LevelBuckets, 6> states_;
  Level procs_;
  Level gomaxprocs_;
  Level marking_;
  Level stopped_;
  std::vector<bool> runs_;  // by row of P
  std::array<std::uint64_t, LevelBuckets::kBuckets> heap_{};
  std::array<std::uint64_t, LevelBuckets::kBuckets> goal_{};
  std::array<std::uint64_t, LevelBuckets::kBuckets> created_{};
  std::uint64_t heap_before_ = 0;
  std::uint64_t goal_before_ = 0;
};

}  // namespace gopsy::analyze
