#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "analyze/flame_graph.h"

namespace gopsy::render {

/// One rectangle of the static drawing. Edges are hundredths of a percent of the drawing's width.
struct Box {
  std::uint32_t node = 0;    ///< of the graph; the first one if merged
  std::uint32_t merged = 0;  ///< 0: the node itself; else how many narrow siblings stand here as one
  std::uint32_t left = 0;
  std::uint32_t right = 0;
  std::int64_t total = 0;
};

constexpr std::uint32_t kFullWidth = 10'000;

/// The boxes wide enough to see, by row from the root down, left to right in a row.
///
/// Shape   a box is drawn from half a pixel of 1,200 on, and that threshold is doubled until at most
///         kMostBoxes remain. Narrower siblings that touch are merged, so that no weight disappears.
///         Rows below kMostRows are left to the script.
struct Layout {
  std::vector<std::vector<Box>> rows;
  std::size_t boxes = 0;
  std::uint32_t deeper_rows = 0;  ///< rows of the graph below the last one drawn
};

constexpr std::size_t kMostBoxes = 2000;
constexpr std::uint32_t kMostRows = 250;

Layout lay_out(const analyze::FlameGraph& graph);

/// The longest form of the name that fits into `columns` characters: in full, without the path of the
/// package, without the package, the last element, that cut with "…"; empty under three columns.
/// `suffix` ("×12") is kept whole.
std::string fit_label(std::string_view function, std::string_view suffix, std::size_t columns);

}  // namespace gopsy::render
