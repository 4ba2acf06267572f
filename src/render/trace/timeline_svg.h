#pragma once

#include <string>
#include <string_view>

#include "analyze/trace/picture.h"

namespace gopsy::render {

/// Columns of the drawing: one pixel each.
constexpr std::size_t kTimelineColumns = 860;

/// A picture of a range of a trace: heap and goroutines by state, the collector, a row a P and a row a goroutine, with
/// arrows from who ended a long block.
///
/// Shape   one SVG file without scripts, light and dark. What is too fast for its pixel shows as shares of the row's
///         height; long intervals and, elsewhere, every 20 pixels have a <title>.
/// Yields  valid XML for any names, the same bytes for the same trace; below 2 MB.
std::string timeline_svg(const analyze::TracePicture& timeline, const model::Symbols& symbols, std::string_view title);

}  // namespace gopsy::render
