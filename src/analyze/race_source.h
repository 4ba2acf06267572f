#pragma once

#include <array>
#include <string>
#include <vector>

#include "analyze/races.h"

namespace gopsy::analyze {

/// The lines of the file in which each side stands; null where it is not at hand. Line 1 is the first.
using RaceSources = std::array<const std::vector<std::string>*, 2>;

/// Reads the two racing lines: names the variable (`expression`), tells a captured variable, a loop's, an err, a named
/// result, a package-level variable, a slice and a field apart where the report could not, and says which locks the two
/// functions take above those lines (`locks`). Changes kind and pattern only where the lines are clear.
///
/// It looks at words, braces and lines, not at types: a line that does not fit leaves the race as it was.
/// Cost    linear in the two files.
void read_source(Race& race, const RaceSources& sources, const model::Symbols& symbols);

}  // namespace gopsy::analyze
