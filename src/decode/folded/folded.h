#pragma once

#include "decode/decoder.h"

namespace gopsy::decode {

/// Folded stacks, one line each: what the stackcollapse scripts, inferno, async-profiler and bpftrace users write
/// and flamegraph.pl reads.
///
/// Shape   `root;…;leaf COUNT`, blanks or tabs before the count, LF or CRLF. `#` starts a comment. Two counts on
///         every line are a differential (difffolded.pl): columns "before" and "after"; a name that ends in a number
///         on some lines only stays a name. `\x3b` in a name is a `;`. A leaf annotated `_[i]` was inlined into its
///         caller: both are lines of one location, as pprof has it. `_[k]`, `_[j]` and `_[w]` stay in the name.
/// Yields  model::Profile of type samples/count, equal stacks summed nowhere: one sample a line. Empty frames are
///         "[unknown]". A count with a fraction is rounded, one beyond 64 bits is 2^63 - 1; both are told in counts
///         of their own. Counts of "lines": comments and blank lines are not read, what has no count, a negative
///         one or no frame is skipped.
/// Errors  Malformed: not one line could be kept; offset at the first.
/// Cost    one pass, a hash look-up per frame.
/// Source  FlameGraph flamegraph.pl and difffolded.pl, inferno flamegraph/merge.rs; reference/flame-graph.md 2.2.
extern const Decoder kFolded;

}  // namespace gopsy::decode
