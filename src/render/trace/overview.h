#pragma once

#include <span>
#include <string>

#include "model/evidence.h"
#include "rules/rule.h"

namespace gopsy::render {

/// What a trace is and where its goroutines' time went, on one page. REQUIRES: evidence.trace and trace_facts.
std::string trace_overview_text(const model::Evidence& evidence, const model::Symbols& symbols);

/// The same as one JSON object, with every function, damage and bucket of time.
std::string trace_overview_json(const model::Evidence& evidence, const model::Symbols& symbols,
                                std::span<const rules::Finding> findings);

/// The path, what was read, what is damaged, the range of time: the head of every text about a trace.
std::string trace_head_text(const model::Evidence& evidence);

}  // namespace gopsy::render
