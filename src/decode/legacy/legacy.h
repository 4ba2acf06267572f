#pragma once

#include "decode/decoder.h"

namespace gopsy::decode {

/// The formats that came before profile.proto. What is wrong in a line costs that line, counted; google/pprof refuses
/// the whole file there. Numbers, addresses and mappings of sound files are google/pprof's.
///
/// Source  google/pprof profile/legacy_profile.go and legacy_java_profile.go; reference/pprof.md section 1.6.

/// CPU profile of gperftools, old Go programs and the old Java agent: words of 32 or 64 bits in either byte order.
///
/// Shape   `0 3 (0 native | 1 Java) PERIOD_US 0`, then `COUNT N ADDRESS×N` a sample, ended by `0 1 0`; behind it the
///         memory map, or the names of Java's addresses.
/// Yields  samples/count and cpu/nanoseconds. Return addresses are moved into the call; a frame that at least 31 of 32
///         samples have behind the leaf is the signal handler's and taken out, twice; so is the leaf's own double.
/// Errors  Malformed: no header. Samples that do not end are kept up to the tear, told in `cut`.
/// Cost    one pass, 8 bytes a word held.
extern const Decoder kLegacyCpu;

/// Heap profile as text: Go's `heap?debug=1` and `allocs?debug=1`, tcmalloc's heap, growth and fragmentation.
///
/// Shape   `heap profile: n: bytes [n: bytes] @ KIND/RATE`, a line `n: bytes [n: bytes] @ ADDRESS…` a sample; Go's
///         lines of names behind each (go_stack.h), gperftools' memory map at the end.
/// Yields  objects and space, or alloc_* and inuse_* where the two differ; each value divided by the chance to be
///         sampled, 1 - e^(-size/rate), where KIND is sampled by Poisson; the label `bytes` is the mean object.
/// Errors  Malformed: no header. Unsupported: a KIND nobody knows.
/// Cost    one pass.
extern const Decoder kLegacyHeap;

/// Contention profile as text: Go's `mutex?debug=1` and `block?debug=1`, and contentionz of C++ servers.
///
/// Shape   `--- mutex:`, `--- contention:` or `--- contentionz 1 ---`, `KEY = VALUE` lines, then `CYCLES COUNT @
///         ADDRESS…` a sample.
/// Yields  contentions/count and delay/nanoseconds, both times the sampling period, cycles made time by cycles/second.
///         Go's mutex texts with names are not multiplied: since 1.20 the runtime did that already, and its binary
///         profile of the same moment has these numbers; google/pprof multiplies twice.
/// Errors  Malformed: no header, or a rate that is no number.
/// Cost    one pass.
extern const Decoder kLegacyContention;

/// Stacks of all threads as text: threadz of C++ servers. Yields thread/count; a thread that is "same as previous"
/// counts to the sample before it. Errors: Malformed without a header. Cost: one pass.
extern const Decoder kLegacyThreads;

/// heapz and contentionz of the old Java agent: samples of numbered places, then a line a place with its name.
/// Yields inuse_objects and inuse_space, unsampled at 512 KiB, or contentions and delay. Places have no addresses.
/// Errors  Malformed: no header or no resolution. Unsupported: another format than java's. Cost: one pass.
extern const Decoder kLegacyJava;

}  // namespace gopsy::decode
