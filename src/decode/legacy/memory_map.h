#pragma once

#include <string_view>
#include <vector>

#include "base/text.h"
#include "model/profile.h"
#include "model/symbols.h"

namespace gopsy::decode {

/// The executable mappings of the lines that are left: /proc/PID/maps, or the brief `START-END[:] FILE [(@OFFSET)]
/// [BUILD ID]`, each perhaps behind a glog prefix. A line `NAME=VALUE` replaces `$NAME` in the lines that follow.
///
/// Errors  none: what is no mapping is passed over. Assignments beyond 64, and lines that they make longer than
///         64 KiB, are too.
/// Cost    linear.
/// Source  google/pprof profile/legacy_profile.go parseProcMapsFromScanner.
std::vector<model::Profile::Mapping> read_memory_map(LineReader& lines, model::Symbols& symbols);

/// Gives the profile these mappings as google/pprof does: neighbours that belong together are joined, the program
/// goes first, a start is corrected where only part of a file is listed, and what no mapping has goes to one that
/// spans everything. That one says that it has names if all its locations have them.
///
/// Cost    (locations + mappings) × log.
/// Source  google/pprof profile/profile.go massageMappings, legacy_profile.go remapMappingIDs. Where the corrected
///         starts of two mappings would cover the same address, the first wins, whatever the order of addresses.
void place_mappings(model::Profile& profile, std::vector<model::Profile::Mapping> mappings,
                    const model::Symbols& symbols);

/// The frames that are no news in a profile of these types, as the built-in drop_frames and keep_frames.
/// Source  google/pprof profile/legacy_profile.go addLegacyFrameInfo.
void drop_known_frames(model::Profile& profile, model::Symbols& symbols);

}  // namespace gopsy::decode
