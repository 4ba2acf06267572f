#pragma once

#include <string>
#include <string_view>

#include "model/evidence.h"

namespace gopsy::test {

/// What the memory of a process says, as text beside a dump of it, so that rules that need it have goldens to read.
///
/// Shape   a line each, goroutines by their numbers, objects by their addresses; `frame` is a function of that
/// goroutine:
///             mutex|rwmutex ADDRESS locked|free        waitgroup ADDRESS OUTSTANDING
///             wait GOROUTINE ADDRESS lock|rlock|wait   hold GOROUTINE ADDRESS deferred|ahead|reading FRAME
///             orphan ADDRESS CONFIDENCE                # a remark
/// Yields  an empty text, or what is wrong with it. The facts go to the first traceback of the log.
std::string attach_memory(std::string_view text, model::Log& log, const model::Symbols& symbols);

}  // namespace gopsy::test
