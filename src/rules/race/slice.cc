#include "rules/catalog.h"
#include "rules/race/race_rule.h"

namespace gopsy::rules {

constinit const Rule kRaceSlice =
    race_rule<analyze::RaceKind::Slice>("race.slice", "a slice or string header or element is shared");

}  // namespace gopsy::rules
