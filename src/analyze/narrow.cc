#include "analyze/narrow.h"

#include <array>
#include <bit>

namespace gopsy::analyze {
namespace {

std::uint64_t add(std::uint64_t a, std::uint64_t b) {
  std::uint64_t sum = 0;
  return __builtin_add_overflow(a, b, &sum) ? UINT64_MAX : sum;
}

std::vector<std::uint64_t> totals_of(const model::Profile& profile, const StackTree& tree, std::size_t column) {
  std::vector<std::uint64_t> totals(tree.nodes.size());
  for (std::size_t i = 0; i < profile.sample_count(); ++i) {
    const std::int64_t value = profile.value(i, column);
    if (value > 0) totals[tree.stacks[i]] = add(totals[tree.stacks[i]], static_cast<std::uint64_t>(value));
  }
  for (std::size_t n = totals.size(); n-- > 1;)
    totals[tree.nodes[n].parent] = add(totals[tree.nodes[n].parent], totals[n]);
  return totals;
}

// The least power of two that at most `most` totals reach: a finer weight would cost a sort.
std::size_t width_reached_by(const std::vector<std::uint64_t>& totals, std::size_t most) {
  std::array<std::size_t, 65> of_width{};
  for (const std::uint64_t total : totals) ++of_width[std::bit_width(total)];
  std::size_t width = 64;
  for (std::size_t reached = of_width[64]; width > 1 && reached + of_width[width - 1] <= most; --width)
    reached += of_width[width - 1];
  return width;
}

}  // namespace

std::vector<std::uint32_t> wide_ancestors(const model::Profile& profile, const StackTree& tree, std::size_t column,
                                          std::size_t most) {
  const auto& nodes = tree.nodes;
  if (nodes.size() <= most) return {};
  const std::vector<std::uint64_t> totals = totals_of(profile, tree, column);
  const std::size_t width = width_reached_by(totals, most);
  std::vector<std::uint32_t> ancestors(nodes.size());
  for (std::uint32_t n = 1; n < nodes.size(); ++n) {
    const bool wide = std::bit_width(totals[n]) >= width && ancestors[nodes[n].parent] == nodes[n].parent;
    ancestors[n] = wide ? n : ancestors[nodes[n].parent];
  }
  return ancestors;
}

}  // namespace gopsy::analyze
