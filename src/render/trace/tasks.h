#pragma once

#include <string>

#include "model/evidence.h"
#include "render/trace/stack_words.h"

namespace gopsy::render {

/// The tasks and regions of a trace by type. `evidence` has trace_facts.
std::string trace_tasks_text(const model::Evidence& evidence, const model::Symbols& symbols);
std::string trace_regions_text(const model::Evidence& evidence, const model::Symbols& symbols);
std::string trace_tasks_json(const model::Evidence& evidence, const model::Symbols& symbols);
std::string trace_regions_json(const model::Evidence& evidence, const model::Symbols& symbols);

/// Lines "  1.00 ms  12 ████": `indent` before each.
std::string duration_histogram(const model::TraceDurations& durations, std::string_view indent);

}  // namespace gopsy::render
