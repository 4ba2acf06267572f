#pragma once

#include <string>
#include <vector>

#include "analyze/flame_graph.h"
#include "base/error.h"
#include "base/stats.h"
#include "model/evidence.h"

namespace gopsy::app {

struct FlameRequest {
  std::string sample_index;  ///< a value type's name or number; empty: the default of the first evidence
  analyze::FlameOptions options;
  std::size_t most_nodes = 0;  ///< what the picture can show (render::Renderer); 0: all
  std::string title;           ///< empty: made from what is drawn
  bool grouped = false;        ///< by labels, as the user wants it; else the time of a trace is, by state
};

/// A flame graph and the words around it.
struct Flame {
  analyze::FlameGraph graph;
  std::string title;
  std::string subtitle;
  std::vector<std::string> left_out;  ///< "heap-1.pb.gz: measures inuse_space, not cpu"
};

/// Draws everything in `incident` that measures the same thing as its first choice: CPU profiles
/// before other profiles, profiles before goroutines. Of a log, the traceback that ended the process,
/// else the last dump.
///
/// Errors  Usage: nothing has stacks, no such sample index, a filter that is no regular expression.
Result<Flame> flame_of(model::Incident& incident, const FlameRequest& request, Stats& stats);

}  // namespace gopsy::app
