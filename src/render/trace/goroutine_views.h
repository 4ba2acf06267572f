#pragma once

#include <cstddef>
#include <string>

#include "model/evidence.h"

namespace gopsy::render {

// All of these: REQUIRES evidence.trace and trace_facts of a question that asked for it.

/// A row for each goroutine of TraceTimes::goroutine_rows.
std::string trace_goroutines_text(const model::Evidence& evidence, const model::Symbols& symbols);
std::string trace_goroutines_json(const model::Evidence& evidence, const model::Symbols& symbols);

/// The whole life of one.
std::string trace_life_text(const model::Evidence& evidence, const model::Symbols& symbols);
std::string trace_life_json(const model::Evidence& evidence, const model::Symbols& symbols);

/// How much of the processors the garbage collector left.
std::string trace_mmu_text(const model::Evidence& evidence);
std::string trace_mmu_json(const model::Evidence& evidence);

/// Who created whom: at most `most` rows; 0: all.
std::string trace_tree_text(const model::Evidence& evidence, const model::Symbols& symbols, std::size_t most);
std::string trace_tree_json(const model::Evidence& evidence, const model::Symbols& symbols);

}  // namespace gopsy::render
