#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "io/source.h"
#include "model/evidence.h"
#include "model/trace.h"

namespace gopsy::app {

/// What `go tool trace -d` shows.
enum class TraceView : std::uint8_t { Parsed, Wire, Footprint };

struct TraceOptions {
  bool salvage = false;   ///< go on after damage
  unsigned dialect = 26;  ///< of TraceView::Parsed: as go tool trace of Go 1.22 to 1.26 prints it
  io::Limits limits;
};

/// What came of reading one trace.
struct TraceOutcome {
  model::TraceReport report;
  std::string path;     ///< of the piece that was read
  std::string failure;  ///< why reading ended, with the place; empty: it came to the end
};

/// Reads the trace that `path` names (a file, - for standard input, compressed or not) into `sink`.
///
/// Yields  one outcome; where `path` holds several traces, of the first. `failure` too where it cannot be opened.
/// Cost    that of decode::trace::read; pages of a plain file are given back behind the reader.
TraceOutcome read_trace(const std::string& path, const TraceOptions& options, model::TraceSink& sink);

/// The same in several passes over one trace, each into the sink that is asked for when its turn comes; the outcome is
/// that of the last.
using TracePass = std::function<model::TraceSink&()>;
TraceOutcome read_trace(const std::string& path, const TraceOptions& options, std::span<const TracePass> passes);

/// What a trace is and where its time went, in one pass over it, damaged or not.
struct TraceOverview {
  model::Symbols symbols;
  model::Evidence evidence;  ///< with trace_facts
  std::string failure;       ///< not empty: it is no trace, or cannot be opened
};
TraceOverview overview_of_trace(const std::string& path, const TraceOptions& options);

/// Prints it as `go tool trace -d` does. `out` takes the text in pieces, and says whether it wants more.
TraceOutcome print_trace(const std::string& path, TraceView view, const TraceOptions& options,
                         const std::function<bool(std::string_view)>& out);

}  // namespace gopsy::app
