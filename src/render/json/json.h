#pragma once

#include "render/renderer.h"

namespace gopsy::render {

/// One JSON object: `inputs`, `unreadable`, `findings` (ranked). The schema is docs/report.schema.json.
extern const Renderer kJson;

}  // namespace gopsy::render
