#pragma once

#include <string_view>

#include "model/profile.h"
#include "model/symbols.h"

namespace gopsy::decode {

/// Names the locations of a Java profile, whose addresses are numbers of places, from lines `0xNUMBER NAME
/// (FILE:LINE)`, `0xNUMBER NAME (PATH)` or `0xNUMBER NAME`; lines that are none are passed over. Then takes the
/// addresses away: they mean nothing outside this file.
///
/// Shape   functions are numbered in the order of locations; those of one name are one, in the file named first.
/// Source  google/pprof profile/legacy_java_profile.go parseJavaLocations.
void name_java_places(std::string_view text, model::Profile& profile, model::Symbols& symbols);

}  // namespace gopsy::decode
