#pragma once

#include "decode/decoder.h"

namespace gopsy::decode {

/// speedscope's file format: what py-spy, rbspy, speedscope itself and `gopsy convert` write.
///
/// Shape   one JSON object with `shared.frames` and `profiles`, each sampled (stacks root first, with weights) or
///         evented (frames that open and close at points of its time).
/// Yields  profiles with the very same stacks become the value types of one profile, named after them; others are
///         told apart by a label `profile`, their values in one type a unit. Fractions of a time become nanoseconds.
/// Errors  Truncated, Malformed: no JSON, no frames, no sample that could be kept.
/// Source  github.com/jlfwong/speedscope src/lib/file-format-spec.ts.
extern const Decoder kSpeedscope;

}  // namespace gopsy::decode
