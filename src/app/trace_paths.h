#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "app/trace.h"
#include "model/trace_path.h"

namespace gopsy::app {

/// The story of a task, the critical path of something: what takes more than one pass over a trace.
struct TracePathReport {
  model::Symbols symbols;
  model::TraceStacks stacks;  ///< of the rows in `path`, or, without one, in `story`
  std::string path_name;      ///< of the file
  std::optional<model::TraceTaskStory> story;
  std::optional<model::TracePath> path;
  std::string failure;  ///< not empty: it is no trace, or what was asked for is not in it
};

/// `subject` is goroutine:ID, task:ID, task:NAME or region:NAME; of a name the longest one that was seen whole.
///
/// Cost    two passes over the file, and one more for every four million intervals that the path goes back beyond the
///         first so many; 200 MB at most.
TracePathReport critical_path_of_trace(const std::string& file, const TraceOptions& options,
                                       const std::string& subject);

/// One task: its events, its goroutines, its critical path.
TracePathReport task_of_trace(const std::string& file, const TraceOptions& options, std::uint64_t id);

}  // namespace gopsy::app
