#pragma once

#include "decode/decoder.h"

namespace gopsy::decode {

/// Execution trace: what runtime/trace, `go test -trace` and /debug/pprof/trace write.
///
/// Shape   "go 1.NN trace" and three zeros, then batches; NN is the version of the format, not of Go.
/// Yields  model::TraceReport and no events: those of a whole trace do not fit into memory, so whoever wants them reads
///         the trace again into a TraceSink (decode/trace/reader.h). Damage never keeps it from being read to its end.
/// Errors  Unsupported: older than Go 1.11. Malformed: no trace at all.
/// Cost    that of reading it once: about 25 ns an event.
extern const Decoder kExecutionTrace;

/// What the decoder says of a trace that was read with this report, for whoever reads it with a sink of their own.
model::Evidence trace_evidence(model::TraceReport report);

}  // namespace gopsy::decode
