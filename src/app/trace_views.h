#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "analyze/trace/question.h"
#include "app/trace.h"

namespace gopsy::app {

/// Which part of a trace a view shows.
struct TraceViewOptions {
  analyze::TraceRange range;
  std::size_t top = 0;  ///< goroutines that have a row; 0: as many as the view has room for
  io::Limits limits;
};

/// Takes a view in pieces. False: nobody wants more.
using ViewSink = std::function<bool(std::string_view)>;

/// Writes a trace, damaged or not, in the format of ui.perfetto.dev.
///
/// Shape   `warn` is told, before anything is written, of a file that no browser will open.
/// Cost    two passes over the trace.
TraceOutcome export_perfetto(const std::string& path, const TraceViewOptions& options, const ViewSink& out,
                             const std::function<void(const std::string&)>& warn);

/// Draws a trace, damaged or not, as one SVG file: render/trace/timeline_svg.h.
///
/// Cost    two passes over the trace.
TraceOutcome draw_timeline(const std::string& path, const TraceViewOptions& options, std::string& svg);

}  // namespace gopsy::app
