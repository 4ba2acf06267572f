#pragma once

#include <string>

#include "model/evidence.h"
#include "render/trace/stack_words.h"

namespace gopsy::render {

/// Who unblocks whom, why long blocks took long, where goroutines queue. `evidence` has trace_facts.
std::string trace_wakers_text(const model::Evidence& evidence, const model::Symbols& symbols);
std::string trace_blocks_text(const model::Evidence& evidence, const model::Symbols& symbols);
std::string trace_locks_text(const model::Evidence& evidence, const model::Symbols& symbols);
std::string trace_wakers_json(const model::Evidence& evidence, const model::Symbols& symbols);
std::string trace_blocks_json(const model::Evidence& evidence, const model::Symbols& symbols);
std::string trace_locks_json(const model::Evidence& evidence, const model::Symbols& symbols);

/// "goroutine 12 waited 82.0 ms for a lock at store.(*S).Get store.go:40, until goroutine 7 let it go on at …;
/// goroutine 7 was itself blocked …": a sentence a link, lines indented by `indent`.
std::string words_of_chain(const model::TraceChain& chain, const TraceStackWords& words, std::string_view indent);

/// "for a channel (chan receive)", "for a lock or the like (sync)": what a reason of the runtime means.
std::string words_of_reason(std::string_view reason);

}  // namespace gopsy::render
