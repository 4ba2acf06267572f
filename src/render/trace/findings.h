#pragma once

#include <span>
#include <string>

#include "model/evidence.h"
#include "rules/rule.h"

namespace gopsy::render {

/// The findings of a trace in short, and where the rest of them is.
std::string trace_findings_text(const model::Evidence& evidence, std::span<const rules::Finding> findings);

}  // namespace gopsy::render
