#pragma once

#include "base/error.h"
#include "decode/trace/pages.h"
#include "decode/trace/reader.h"
#include "model/trace.h"

namespace gopsy::decode::trace {

/// Reads a trace of Go 1.11 to 1.21 and hands it on as if it were one generation of v2.
///
/// Yields  what the official conversion yields: system calls that did not block last 1 ns, since v1 does not say how
///         long; goroutines that were there when tracing began are found in the order in which the file names them.
///         Times count from the first event. Unstopped traces have no unit of time: 64 ticks of a 2.5 GHz counter are
///         taken for one, which the report says.
/// Source  internal/trace/tracev1.go; internal/trace/internal/tracev1/parser.go, postProcessTrace.
Result<void> read_v1(unsigned format, PageSource& pages, const ReadOptions& options, model::TraceSink& sink,
                     model::TraceReport& report);

}  // namespace gopsy::decode::trace
