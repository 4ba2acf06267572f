#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "analyze/trace/study.h"
#include "model/trace_path.h"

namespace gopsy::analyze {

/// Walks the critical path of a goroutine's time back from one moment to another.
///
/// Shape   a part of a study whose range ends at `walk.until_ns`. It keeps the last kKept intervals of all goroutines;
/// where
///         the path leads further back, `walk` says so, and the next pass, whose range ends where this one came to,
///         goes on.
/// Cost    48 bytes an interval kept; the walk is one step an interval of the path.
class CriticalPath final : public TracePart {
 public:
  static constexpr std::size_t kKept = std::size_t{1} << 22;
  static constexpr std::size_t kSteps = 1'000'000;

  /// Where the walk stands: goroutine `goid` at until_ns. It is over when until_ns has come to from_ns.
  struct Walk {
    std::uint64_t goid = 0;
    std::int64_t from_ns = 0;
    std::int64_t until_ns = 0;
    bool over = false;
  };

  CriticalPath(Walk& walk, model::TracePath& path, std::size_t kept = kKept) : walk_(walk), path_(path), kept_(kept) {}

  void step(const TraceContext& context, std::span<const model::TraceEvent> events,
            std::span<const StateInterval> ended) override;
  void finish(const TraceContext& context) override;

  /// What is left of the way is not known.
  static void give_up(Walk& walk, model::TracePath& path);

  /// Puts what was found into order. REQUIRES: the walk is over.
  static void settle(model::TracePath& path);

 private:
  struct Kept {
    std::int64_t begin_ns = 0;
    std::int64_t end_ns = 0;
    std::uint32_t life = 0;
    std::uint32_t before = 0;        // number of the interval before it of the same life; 0: none
    std::uint32_t other = 0;         // life of the waker, or of the creator of a life that begins here; 0: none
    std::uint32_t other_before = 0;  // number of the last interval that had ended in that life
    std::uint32_t stack = 0;
    std::uint32_t end_stack = 0;
    StringId reason;
    model::GoState state = model::GoState::NotExist;
    bool born = false;
  };

  void keep(const TraceContext& context, const StateInterval& one);
  void created(const TraceContext& context, const model::TraceEvent& event);
  [[nodiscard]] const Kept* kept(std::uint32_t number) const;
  void walk_back();
  void go(std::int64_t to_ns, std::uint32_t life, model::TracePath::Kind kind, std::uint32_t stack, StringId reason);

  struct Life {
    std::uint64_t goid = 0;
    std::uint32_t last = 0;            // number of its last interval that ended
    std::uint32_t creator = 0;         // life
    std::uint32_t creator_before = 0;  // number
    std::uint32_t creation_stack = 0;
  };

  Walk& walk_;
  model::TracePath& path_;
  std::size_t kept_;
  std::vector<Kept> intervals_;  // number n at n - 1 modulo kept_
  std::uint32_t count_ = 0;
  std::vector<Life> lives_;  // by TraceLife::number
  std::uint32_t wanted_ = 0;
};

}  // namespace gopsy::analyze
