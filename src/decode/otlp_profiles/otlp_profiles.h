#pragma once

#include "decode/decoder.h"

namespace gopsy::decode {

/// OpenTelemetry profiles: a ProfilesData or ExportProfilesServiceRequest message as protobuf.
///
/// Shape   resource_profiles first, then the one dictionary whose rows they name; row 0 of its tables is "none".
/// Yields  Profiles with the very same samples become the value types of one profile; others add samples with 0 in the
///         types they do not have. Values of a sample are summed, or its timestamps counted where it has none.
///         Attributes of samples become labels; those of semantic conventions (pprof.*, build ids) the fields they
///         stand for. Links to spans and the times of single samples are not kept.
/// Errors  Truncated, Malformed: the message ends too early or names rows that are not there; no sample is left.
/// Source  open-telemetry/opentelemetry-proto opentelemetry/proto/profiles/v1development/profiles.proto, August 2026.
extern const Decoder kOtlpProfiles;

}  // namespace gopsy::decode
