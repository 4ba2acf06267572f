#pragma once

#include <string_view>

#include "decode/pprof/tables.h"
#include "model/evidence.h"
#include "model/profile.h"

namespace gopsy::decode {

/// The second pass: the samples of the message, their stacks interned into the profile's tree.
///
/// Yields  counts of "samples": a sample that names what is missing, has another number of values than there
///         are types, or is malformed inside, is skipped and counted.
model::Counts read_samples(std::string_view bytes, const ProfileTables& tables, model::Profile& profile);

}  // namespace gopsy::decode
