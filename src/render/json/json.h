#pragma once

#include "base/json_writer.h"
#include "render/renderer.h"

namespace gopsy::render {

/// The member `findings` of an object that is being written.
void write_findings(JsonWriter& json, std::span<const rules::Finding> findings);

/// One JSON object: `inputs`, `unreadable`, `findings` (ranked). The schema is docs/report.schema.json.
extern const Renderer kJson;

}  // namespace gopsy::render
