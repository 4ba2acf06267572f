#pragma once

#include <cstdint>
#include <unordered_set>
#include <vector>

#include "analyze/stack_tree.h"
#include "model/profile.h"
#include "model/symbols.h"

namespace gopsy::analyze {

/// Finds the stacks of a profile that the collector cut at its depth limit. Such a stack has lost its
/// root side: drawn as it is, the frame it was cut at would stand as a root of the program.
///
/// Shape   a stack is cut if it is exactly as deep as the limit and its root is no known root. The limit
///         is 64 logical frames for CPU; 32 (Go up to 1.22) or 128 (since 1.23) for the others; and where
///         stacks are deeper than that, the depth that at least two of them end at (`profstackdepth`,
///         other collectors). A known root is one of the runtime's, or the root of a stack of the same
///         profile that is too short to have been cut: so goroutine entry points are learned.
/// Cost    linear in the nodes of the profile's tree and its samples.
/// Source  runtime/mprof.go, runtime/cpuprof.go (maxCPUProfStack), runtime/runtime1.go (profstackdepth);
///         the last frame's inlined callers are added later (runtime_expandFinalInlineFrame), so the
///         logical depth can exceed the limit by the lines of the root location.
class Truncation {
 public:
  Truncation(const model::Profile& profile, const StackTree& tree, std::size_t column, const model::Symbols& symbols);

  /// 0 if no stack of this profile can have been cut.
  [[nodiscard]] std::uint32_t limit() const { return limit_; }

  /// Was the stack that ends at `node` of the tree cut?
  [[nodiscard]] bool cut(std::uint32_t node) const;

 private:
  struct Depth {
    std::uint32_t locations = 0;
    std::uint32_t frames = 0;  // inlined ones counted
    std::uint32_t root = 0;    // the location at the root
  };

  [[nodiscard]] std::uint32_t lines_of(std::uint32_t location) const;
  [[nodiscard]] std::uint32_t least_frames(const Depth& depth) const;
  [[nodiscard]] bool at_limit(const Depth& depth) const;
  [[nodiscard]] StringId root_function(std::uint32_t location) const;
  void measure();
  void find_limit(bool is_cpu);
  void learn_roots(const model::Symbols& symbols);

  const model::Profile& profile_;
  const StackTree& tree_;
  std::vector<Depth> depths_;
  std::unordered_set<StringId> roots_;
  std::uint32_t limit_ = 0;
};

}  // namespace gopsy::analyze
