#pragma once

#include <string>

#include "model/evidence.h"

namespace gopsy::test {

/// Evidence with a log, for a reader: each traceback with cause, words, signal, goroutines and frames.
std::string log_text(const model::Evidence& evidence, const model::Symbols& symbols);

}  // namespace gopsy::test
