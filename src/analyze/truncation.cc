#include "analyze/truncation.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace gopsy::analyze {
namespace {

constexpr std::uint32_t kCpuLimit = 64;
constexpr std::uint32_t kOldLimit = 32;
constexpr std::uint32_t kNewLimit = 128;

// Where the runtime, or the C library under cgo, starts a stack.
constexpr std::array<std::string_view, 24> kRoots{
    "runtime.main",
    "runtime.goexit",
    "runtime.mcall",
    "runtime.mstart",
    "runtime.mstart0",
    "runtime.mstart1",
    "runtime.systemstack",
    "runtime.rt0_go",
    "runtime.morestack",
    "runtime.gcBgMarkWorker",
    "runtime.bgsweep",
    "runtime.bgscavenge",
    "runtime.runfinq",
    "runtime.forcegchelper",
    "runtime.sysmon",
    "runtime.asmcgocall",
    "runtime.sigtramp",
    "runtime._System",
    "runtime._GC",
    "runtime._ExternalCode",
    "_start",
    "start_thread",
    "clone",
    "__clone3",
};

}  // namespace

Truncation::Truncation(const model::Profile& profile, const StackTree& tree, std::size_t column,
                       const model::Symbols& symbols)
    : profile_(profile), tree_(tree), depths_(tree.nodes.size()) {
  if (profile.types.empty()) return;
  const std::string_view type = symbols.text(profile.types[column].type);
  // The first column of a CPU profile counts samples; the period tells what was sampled.
  measure();
  find_limit(type == "cpu" || symbols.text(profile.period_type.type) == "cpu");
  if (limit_ != 0) learn_roots(symbols);
}

std::uint32_t Truncation::lines_of(std::uint32_t location) const {
  return std::max<std::uint32_t>(1, profile_.locations[location].line_count);
}

std::uint32_t Truncation::least_frames(const Depth& depth) const { return depth.frames - (lines_of(depth.root) - 1); }

bool Truncation::at_limit(const Depth& depth) const {
  if (depth.locations == 0) return false;
  return depth.locations == limit_ || (least_frames(depth) <= limit_ && limit_ <= depth.frames);
}

bool Truncation::cut(std::uint32_t node) const {
  if (limit_ == 0 || !at_limit(depths_[node])) return false;
  return !roots_.contains(root_function(depths_[node].root));
}

StringId Truncation::root_function(std::uint32_t location) const {
  const auto& root = profile_.locations[location];
  if (root.line_count == 0) return {};
  const auto& physical = profile_.lines[root.first_line + root.line_count - 1];
  return profile_.functions[physical.function].name;
}

void Truncation::measure() {
  for (std::size_t n = 1; n < depths_.size(); ++n) {
    const auto& node = tree_.nodes[n];
    const Depth& parent = depths_[node.parent];
    depths_[n] = {.locations = parent.locations + 1,
                  .frames = parent.frames + lines_of(node.location),
                  .root = node.parent == 0 ? node.location : parent.root};
  }
}

void Truncation::find_limit(bool is_cpu) {
  std::uint32_t most_frames = 0;
  std::uint32_t most_locations = 0;
  std::uint32_t deepest = 0;
  for (const std::uint32_t stack : tree_.stacks) {
    const Depth& depth = depths_[stack];
    if (depth.locations == 0) continue;
    most_frames = std::max(most_frames, least_frames(depth));
    if (depth.locations > most_locations) {
      most_locations = depth.locations;
      deepest = 0;
    }
    if (depth.locations == most_locations) ++deepest;
  }
  const std::uint32_t first = is_cpu ? kCpuLimit : kOldLimit;
  if (most_frames <= first) {
    limit_ = first;
  } else if (!is_cpu && most_locations <= kNewLimit) {
    // Since 1.23 frame pointers are counted, before inlined calls are expanded.
    limit_ = kNewLimit;
  } else if (deepest >= 2 && most_locations > first) {
    limit_ = most_locations;
  }
}

void Truncation::learn_roots(const model::Symbols& symbols) {
  for (const std::string_view name : kRoots) {
    if (const StringId id = symbols.strings.find(name)) roots_.insert(id);
  }
  for (const std::uint32_t stack : tree_.stacks) {
    const Depth& depth = depths_[stack];
    if (depth.locations != 0 && depth.frames < limit_) roots_.insert(root_function(depth.root));
  }
  // An unsymbolized root says nothing about another one.
  roots_.erase(StringId{});
}

}  // namespace gopsy::analyze
