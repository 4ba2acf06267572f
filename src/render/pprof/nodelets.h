#pragma once

#include <string>

#include "render/pprof/report.h"

namespace gopsy::pprof {

/// The small boxes beside a drawn node: its labels, numeric ones gathered into ranges. `id` is the node's number in
/// the drawing. Source  internal/graph/dotgraph.go addNodelets.
std::string nodelets(const Report& report, const Graph& graph, NodeIndex node, std::size_t id);

}  // namespace gopsy::pprof
