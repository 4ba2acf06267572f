#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "analyze/trace/question.h"
#include "io/source.h"
#include "model/evidence.h"
#include "model/trace.h"

namespace gopsy::app {

/// What `go tool trace -d` shows.
enum class TraceView : std::uint8_t { Parsed, Wire, Footprint };

struct TraceOptions {
  bool salvage = false;  ///< go on after damage
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

/// A moment of a trace as the user names it.
struct TraceMoment {
  std::int64_t ns = 0;  ///< since its beginning; negative: before its end
  double share = 0;     ///< of its length, if `is_share`
  bool is_share = false;
};

/// "1.5s", "-200ms" (before the end), "25%".
std::optional<TraceMoment> parse_moment(std::string_view text);

/// What the user asks of a trace.
struct TraceInquiry {
  analyze::TraceQuestion question;  ///< but for its range
  std::optional<TraceMoment> from;
  std::optional<TraceMoment> to;
};

/// What a trace is and where its time went, damaged or not.
///
/// Cost    one pass; another one to learn its length for a range that is counted from the end or a share.
struct TraceOverview {
  model::Symbols symbols;
  model::Evidence evidence;  ///< with trace_facts
  std::string failure;       ///< not empty: it is no trace, or cannot be opened
};
TraceOverview overview_of_trace(const std::string& path, const TraceOptions& options, const TraceInquiry& inquiry = {});

/// Prints it as `go tool trace -d` does. `out` takes the text in pieces, and says whether it wants more.
TraceOutcome print_trace(const std::string& path, TraceView view, const TraceOptions& options,
                         const std::function<bool(std::string_view)>& out);

}  // namespace gopsy::app
