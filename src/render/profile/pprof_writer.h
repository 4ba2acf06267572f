#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "model/profile.h"
#include "model/symbols.h"

namespace gopsy::render {

/// A profile as one Profile message, not compressed (io/deflate.h does that).
///
/// Yields  the bytes that google/pprof writes for the same profile: fields in the order of their numbers, numbers
///         packed from three on, strings in the order of first use, labels by key with texts before numbers, the
///         default sample type even where it is none.
/// Cost    a table look-up and one store a frame.
/// Source  github.com/google/pprof profile/encode.go and proto.go.
///
/// With a drain, that gets the bytes of a large profile in pieces of a few megabytes; the last piece is returned.
using ProfileDrain = std::function<void(std::string_view)>;
std::string pprof_bytes(const model::Profile& profile, const model::Symbols& symbols, const ProfileDrain& drain = {});

}  // namespace gopsy::render
