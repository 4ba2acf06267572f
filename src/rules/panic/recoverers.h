#pragma once

#include <string_view>

#include "model/traceback.h"

namespace gopsy::rules {

/// The frame of `goroutine` that is known to recover panics of its own goroutine (net/http's connection
/// server, test runners, recovery middlewares), or null.
const model::TracebackFrame* recovering_frame(const model::Traceback& traceback, const model::Goroutine& goroutine,
                                              const model::Symbols& symbols);

}  // namespace gopsy::rules
