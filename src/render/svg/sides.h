#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "analyze/flame_graph.h"

namespace gopsy::render {

// How a frame of a comparison is drawn and worded; ui/src/flame_svg/sides.ts does the same.

/// "e0" if it stayed the same, "e1" to "e3" if it grew, "e4" to "e6" if it shrank: the stronger, the more of the
/// frame changed (from 1 %, from 10 %, from half of it on).
std::string css_of_change(const analyze::WeightedStacks::Sides& sides, std::int64_t weight);

/// "11.7 MiB → 12.2 MiB, +512 KiB, +4.3% of the total before".
std::string figures_of_change(const analyze::WeightedStacks::Sides& sides, std::int64_t before_total,
                              std::string_view unit);

}  // namespace gopsy::render
