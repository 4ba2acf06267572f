#pragma once

#include <vector>

#include "base/error.h"
#include "decode/trace/v1_order.h"

namespace gopsy::decode::trace {

/// Checks that ordered v1 events make sense, and notes in each what only its neighbours tell: whether a system call
/// blocked, and whom an unblocking belongs to.
///
/// Errors  as the official reader; a lenient Damage counts what makes no sense.
/// Source  internal/trace/internal/tracev1/parser.go, postProcessTrace.
Result<void> check_v1(const V1File& file, std::vector<V1Event>& events, IdTable& goroutines, Damage& damage);

}  // namespace gopsy::decode::trace
