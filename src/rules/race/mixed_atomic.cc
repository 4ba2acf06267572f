#include "rules/catalog.h"
#include "rules/race/race_rule.h"

namespace gopsy::rules {

constinit const Rule kRaceMixedAtomic =
    race_rule<analyze::RaceKind::MixedAtomic>("race.mixed-atomic", "one side uses sync/atomic, the other does not");

}  // namespace gopsy::rules
