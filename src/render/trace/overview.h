#pragma once

#include <string>

#include "model/evidence.h"
#include "model/trace_times.h"

namespace gopsy::render {

/// What a trace is and where its goroutines' time went. REQUIRES: evidence.trace.
std::string trace_overview_text(const model::Evidence& evidence, const model::TraceTimes& times);

/// The same as one JSON object, with every function and damage.
std::string trace_overview_json(const model::Evidence& evidence, const model::TraceTimes& times);

}  // namespace gopsy::render
