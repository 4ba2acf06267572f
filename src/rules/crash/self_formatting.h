#pragma once

#include <span>

#include "analyze/crash.h"

namespace gopsy::rules {

/// The String, Error, MarshalJSON or like method in `cycle` that ends up formatting its own receiver, if
/// the cycle runs through a package that calls such methods (fmt, encoding/json, log/slog, …); else null.
const model::TracebackFrame* self_formatting_method(const analyze::Crash& crash,
                                                    std::span<const model::TracebackFrame* const> cycle);

}  // namespace gopsy::rules
