#pragma once

#include <string>

#include "model/evidence.h"

namespace gopsy::render {

/// What a trace is and where its goroutines' time went. REQUIRES: evidence.trace and trace_facts.
std::string trace_overview_text(const model::Evidence& evidence);

/// The same as one JSON object, with every function and damage.
std::string trace_overview_json(const model::Evidence& evidence);

}  // namespace gopsy::render
