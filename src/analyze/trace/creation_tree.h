#pragma once

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "analyze/trace/durations.h"
#include "analyze/trace/study.h"
#include "model/trace_tree.h"

namespace gopsy::analyze {

/// Who creates whom, goroutines of the same statement and line of ancestors put together.
///
/// Shape   a part of a study; `take` once it is finished. One that creates such as itself is put with itself, so the
///         tree is no deeper than there are kinds.
/// Cost    one look-up a creation; about 0.7 KiB a node.
class CreationTree final : public TracePart {
 public:
  void before(const TraceContext& context, std::span<const model::TraceEvent> events) override;
  void step(const TraceContext& context, std::span<const model::TraceEvent> events,
            std::span<const StateInterval> ended) override;
  void finish(const TraceContext& context) override;

  model::TraceTree take() { return std::move(tree_); }

 private:
  static constexpr std::uint32_t kNone = UINT32_MAX;
  static constexpr std::size_t kMostNodes = 20'000;
  static constexpr std::uint32_t kMostDepth = 64;

  struct Node {
    std::uint32_t parent = kNone;
    std::uint32_t depth = 0;
    std::uint32_t stack = 0;
    StringId function;
    std::uint64_t created = 0;
    std::uint64_t found = 0;
    std::uint64_t ended = 0;
    bool again = false;
    std::uint32_t last_stack = kNone;  // the child asked for last, which is the one asked for next
    std::uint32_t last_start = 0;
    std::uint32_t last_child = kNone;
    std::unique_ptr<CoarseHistogram> lives;
  };
  struct Born {
    std::uint32_t node = kNone;
    std::int64_t at_ns = INT64_MIN;  // INT64_MIN: it was there before
  };

  void created(const TraceContext& context, const model::TraceEvent& event, bool counts);
  void ended(const TraceContext& context, const StateInterval& one);
  std::uint32_t child(std::uint32_t parent, std::uint32_t stack, StringId function);
  std::uint32_t new_child(std::uint32_t parent, std::uint32_t stack, StringId function);

  model::TraceTree tree_;
  std::vector<Node> nodes_;
  std::vector<Born> born_;  // by row of goroutine
  struct Key {
    std::uint32_t parent;
    std::uint32_t stack;
    StringId function;
    bool operator==(const Key&) const = default;
  };
  struct KeyHash {
    std::size_t operator()(const Key& key) const noexcept {
      return ((std::uint64_t{key.parent} << 32 | key.stack) * 0x9E3779B97F4A7C15ULL) ^
             (key.function.value * 0xC2B2AE3D27D4EB4FULL);
    }
  };
  std::unordered_map<Key, std::uint32_t, KeyHash> children_;
};

}  // namespace gopsy::analyze
