#pragma once

#include "decode/decoder.h"

namespace gopsy::decode {

/// A count profile as text: /debug/pprof/goroutine?debug=1, threadcreate?debug=1, goroutineleak?debug=1, or
/// pprof.Lookup(name).WriteTo(w, 1) of those and of any custom profile. No states, no ids, no ages: that is debug=2.
///
/// Shape   `NAME profile: total N`, then blocks `COUNT @ PC PC …`, `# labels: {"k":"v", …}`, and a line
///         `#⇥PC⇥FUNC+OFFSET⇥FILE:LINE` per frame, leaf first, each block ended by an empty line. CRLF and lost empty
///         lines are accepted; text before the header is passed over.
/// Yields  model::Profile of type NAME/count, one sample a block, labels kept. Frames come from the `#` lines, which
///         inlining has expanded; frames without a name keep their address, and a block without any `#` line takes
///         the addresses after the `@`, moved into the call (legacy/go_stack.h). Mappings are those of the other old
///         formats. Counts of "goroutines" (threads, …): read is the stated total, or the sum of the blocks if that is
///         higher.
/// Errors  Malformed: no header. A text that is cut is no error: whole blocks are kept, as is the last one, and
///         what the total says beyond them is counted as lost.
/// Cost    one pass.
/// Source  Go src/runtime/pprof/pprof.go, printCountProfile and printStackRecord (read at go1.26, outputs of 1.19,
///         1.23 and 1.27 in the tests); labels.go labelMap.String.
extern const Decoder kGoroutineProfile;

}  // namespace gopsy::decode
