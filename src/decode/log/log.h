#pragma once

#include "decode/decoder.h"

namespace gopsy::decode {

/// A log in which a Go process may have ended: ordinary lines, then a panic, a fatal error or a signal
/// with its tracebacks; also dumps and logged panics along the way.
///
/// Shape   reference grammar 1a and 1b: lead lines, `panic: …` chain or `fatal error: …` or `SIGxxx: …`,
///         `[signal …]`, goroutines, registers. Go 1.10 to 1.27.
/// Yields  model::Log, one Traceback each; lines counted from 1.
/// Errors  none: a log that holds no traceback is evidence too (a process that ended in silence).
/// Cost    one pass; names are interned, nothing else is copied.
/// Source  runtime/panic.go printpanics, fatalthrow; runtime/signal_unix.go sighandler;
///         runtime/traceback.go goroutineheader, traceback1, printAncestorTraceback.
extern const Decoder kCrashLog;

/// Goroutines only: /debug/pprof/goroutine?debug=2 or runtime.Stack. The same grammar and model.
extern const Decoder kGoroutineDump;

}  // namespace gopsy::decode
