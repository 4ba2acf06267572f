#pragma once

#include <string>
#include <vector>

#include "analyze/races.h"

namespace gopsy::rules {

/// "store.(*Cache).Put at cache.go:42"; where no frame of the program was printed, who created the goroutine.
std::string place_of(const analyze::RaceSide& side, const model::Symbols& symbols);

/// "goroutine 8", "the main goroutine".
std::string goroutine_of(const analyze::RaceSide& side);

/// "write", "read", "map write", "atomic AddInt64", …: what the side did.
std::string operation_of(const analyze::RaceSide& side, const model::Symbols& symbols);

/// One line: what is shared, and the two places.
std::string title_of(const analyze::Race& race, const model::Symbols& symbols);

/// How it follows from the report, and what that pattern means.
std::string why_of(const analyze::Race& race, const model::Symbols& symbols);

/// What would confirm or refute the kind and the pattern.
std::string confirm_of(const analyze::Race& race);

/// One way to end a race.
struct RaceFix {
  std::string what;  ///< "a mutex"
  std::string safe;  ///< for what it is enough
  std::string cost;
  std::string how;  ///< in the words of this program
};

/// The fixes that apply to this kind and pattern, the likeliest first.
std::vector<RaceFix> fixes_of(const analyze::Race& race, const model::Symbols& symbols);

}  // namespace gopsy::rules
