#pragma once

#include "decode/decoder.h"

namespace gopsy::decode {

/// A CPU profile of V8: what `node --cpu-prof`, Chrome's DevTools and js programs beside a Go service write.
///
/// Shape   one JSON object: `nodes` of a call tree (callFrame, and children or parent), `samples` of node ids,
///         `timeDeltas` in microseconds; without samples each node's hitCount.
/// Yields  samples/count and cpu/microseconds, one sample a node; the root `(root)` is left out. The delta before a
///         sample is its time. Lines are counted from 1, as in an editor: V8 counts from 0.
/// Errors  Truncated, Malformed: no JSON, no nodes, nothing that could be kept.
/// Source  chromedevtools.github.io/devtools-protocol Profiler.Profile.
extern const Decoder kCpuProfile;

}  // namespace gopsy::decode
