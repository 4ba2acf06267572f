#pragma once

#include "decode/decoder.h"

namespace gopsy::decode {

/// What `perf script` prints, and simpleperf and others after it.
///
/// Shape   a line `COMM PID/TID [CPU] TIME: PERIOD EVENT:` a sample, with its one frame behind it or its call chain
///         below, leaf first, `ADDRESS SYMBOL+OFFSET (DSO)` a line, ended by an empty line. Any of the fields before
///         EVENT may be missing, as `-F` chooses; `#` begins a comment. A line `FILE:LINE` behind a frame is its place.
/// Yields  model::Profile with the columns of columns.h, labels thread_comm, pid and tid, a mapping a DSO, the time
///         between first and last sample. Frames marked `(inlined)` are lines of the location of their caller.
///         Unknown names keep the address. Return addresses are moved into the call. Counts of "samples", in which
///         the samples are that PERF_RECORD_LOST lines tell of.
/// Errors  Malformed: not one line begins a sample.
/// Cost    one pass.
/// Source  Linux tools/perf/builtin-script.c perf_sample__fprintf_start and util/evsel_fprintf.c
///         sample__fprintf_callchain; outputs of perf 6.1 in the tests.
extern const Decoder kPerfScript;

}  // namespace gopsy::decode
