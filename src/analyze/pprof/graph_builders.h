#pragma once

#include <cstddef>
#include <limits>
#include <optional>
#include <vector>

#include "analyze/pprof/graph.h"
#include "analyze/pprof/sample_tags.h"

namespace gopsy::pprof {

constexpr NodeIndex kNobody = std::numeric_limits<NodeIndex>::max();

/// What a sample weighs in the column that is shown; empty if it weighs nothing and is left out.
inline std::optional<Weight> weight_of(const model::Profile& profile, const GraphOptions& options, std::size_t sample) {
  const Weight weight{.value = profile.value(sample, options.column),
                      .divisor = options.mean ? profile.value(sample, 0) : 0};
  if (weight.value == 0 && weight.divisor == 0) return std::nullopt;
  return weight;
}

/// Nodes and edges of a graph in which a place is one node, whoever calls it. `order` and the lists of edges are still
/// empty, as in the other.
Graph plain_graph(const model::Profile& profile, const Places& places, const GraphOptions& options,
                  const std::vector<bool>* kept, const model::Symbols& symbols);

/// The same of a tree: each path from a root is a node of its own.
Graph tree_graph(const model::Profile& profile, const Places& places, const GraphOptions& options,
                 const model::Symbols& symbols);

}  // namespace gopsy::pprof
