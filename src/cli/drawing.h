#pragma once

#include <string>

#include "app/flame.h"
#include "base/stats.h"
#include "render/renderer.h"

namespace gopsy::cli {

/// Builds the flame graph of what was loaded, as much of it as `renderer` can show, and writes it to `path`
/// ("-" is stdout). False, and a message on stderr, if that fails. With `name_left_out`, evidence that measures
/// something else and so is not in the picture is named on stderr.
/// REQUIRES: `renderer` draws flame graphs.
bool draw_flame(const render::Renderer& renderer, app::FlameRequest request, const std::string& path,
                model::Incident& incident, Stats& stats, bool name_left_out);

}  // namespace gopsy::cli
