#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "analyze/pprof/graph.h"

namespace gopsy::pprof {

/// One frame of a location: its node and two marks, in a word.
class SiteFrame {
 public:
  SiteFrame() = default;
  SiteFrame(NodeIndex node, bool inlined, bool after_cut)
      : word_(node | (inlined ? kInlined : 0) | (after_cut ? kAfterCut : 0)) {}

  [[nodiscard]] NodeIndex node() const { return word_ & kNode; }
  [[nodiscard]] bool inlined() const { return (word_ & kInlined) != 0; }     ///< into the frame above it
  [[nodiscard]] bool after_cut() const { return (word_ & kAfterCut) != 0; }  ///< frames above it were left out
  void set_after_cut(std::uint32_t cut) { word_ |= cut << 31; }

  static constexpr NodeIndex kMostNodes = NodeIndex{1} << 30;

 private:
  static constexpr std::uint32_t kNode = kMostNodes - 1;
  static constexpr std::uint32_t kInlined = std::uint32_t{1} << 30;
  static constexpr std::uint32_t kAfterCut = std::uint32_t{1} << 31;

  std::uint32_t word_ = 0;
};

/// A stack as its frames, outermost first, and for each the number of the call that it was entered by: equal numbers
/// mean the same frame above, and nearly always the same edge.
struct Path {
  std::vector<SiteFrame> frames;
  std::vector<std::uint32_t> calls;
  std::size_t size = 0;
  bool cut_end = false;  ///< the innermost frames were left out

  [[nodiscard]] NodeIndex node(std::size_t i) const { return frames[i].node(); }
};

/// What stands for each location in a graph's stacks, laid out for walking millions of them.
class Sites {
 public:
  /// `kept`  by place, what is not left out; null: everything.
  Sites(const model::Profile& profile, const Places& places, const std::vector<bool>* kept);

  /// How many numbers of calls there are.
  [[nodiscard]] std::size_t call_count() const { return sites_.size() + frames_.size(); }

  /// Cost  one cache line a frame, no branch that depends on data for locations of one or two lines.
  void expand(model::Profile::Stack stack, Path& path) const;

 private:
  template <class Number>
  void expand(std::span<const Number> stack, Path& path) const;

  struct Site {
    std::uint32_t first = 0;  // of its frames
    std::uint32_t count : 31 = 0;
    std::uint32_t cut_end : 1 = 0;
  };

  std::vector<Site> sites_;
  std::vector<SiteFrame> frames_;  // of all sites, outermost first, and one that may be read behind the last
};

}  // namespace gopsy::pprof
