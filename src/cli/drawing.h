#pragma once

#include <string>

#include "app/flame.h"
#include "base/stats.h"
#include "render/renderer.h"

namespace gopsy::cli {

/// Builds the flame graph of what was loaded, as much of it as `renderer` can show, and writes it to `path`
/// ("-" is stdout). False, and a message on stderr, if that fails; what was left out is named on stderr.
/// REQUIRES: `renderer` draws flame graphs.
bool draw_flame(const render::Renderer& renderer, app::FlameRequest request, const std::string& path,
                model::Incident& incident, Stats& stats);

}  // namespace gopsy::cli
