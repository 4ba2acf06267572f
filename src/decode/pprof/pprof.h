#pragma once

#include "decode/decoder.h"

namespace gopsy::decode {

/// A pprof profile: what runtime/pprof and /debug/pprof write, and every tool that speaks profile.proto.
///
/// Shape   one Profile message, not compressed (io undoes gzip). Repeated numbers packed or not, fields in any
///         order, unknown fields skipped.
/// Yields  model::Profile with every field of profile.proto; kind, program, time and Go version as far as the
///         profile tells; counts of "samples". A label without string, number and unit says nothing and is
///         dropped, as pprof drops it. A location in a mapping that is missing keeps no mapping, as in pprof.
/// Errors  Malformed, offset at the message: id 0, an id defined twice, a line or location that names a missing
///         function, a string index beyond the table, no sample type, two profiles one behind the other, no
///         sample that could be kept. Truncated: the end is missing before the names of the sample types. A profile
///         cut later is kept: names that are gone become "[name lost to the cut]", so that totals hold.
/// Cost    two passes over the bytes; a look-up per frame, none for the root part a stack shares with the one
///         before it. 100,000 samples of 50 frames: see bench/decode.cc.
/// Source  github.com/google/pprof proto/profile.proto, profile/encode.go; Go runtime/pprof/proto.go, which
///         writes samples first and strings last; reference/pprof.md section 2.
extern const Decoder kPprof;

}  // namespace gopsy::decode
