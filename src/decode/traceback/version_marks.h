#pragma once

#include <string_view>

#include "decode/traceback/grammar.h"
#include "model/evidence.h"

namespace gopsy::decode::traceback {

// What single lines of a traceback say about the Go version that printed them.
// Source: reference/text-evidence.md sections 1a, 1b and 2 ("Version inference"), checked against the corpus.

void note_header(const GoroutineHeader& header, model::GoVersion& version);
void note_state(std::string_view state, model::GoVersion& version);
void note_pointers(bool has_gp, model::GoVersion& version);
void note_function(std::string_view function, std::string_view args, model::GoVersion& version);
void note_wait(std::string_view state, std::string_view function, model::GoVersion& version);
void note_created_by(const CreatedBy& created, model::GoVersion& version);
void note_panic(const PanicLine& panic, model::GoVersion& version);
void note_signal_header(const SignalHeader& header, std::string_view name, model::GoVersion& version);

}  // namespace gopsy::decode::traceback
