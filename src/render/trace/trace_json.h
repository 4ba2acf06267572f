#pragma once

#include <string_view>
#include <vector>

#include "base/json_writer.h"
#include "model/trace_gc.h"

namespace gopsy::render {

/// Member `name`: windows with the smallest share of the processors that is left to the program.
void add_json_mmu(JsonWriter& json, std::string_view name, const std::vector<model::TraceGc::Mmu>& rows);

}  // namespace gopsy::render
