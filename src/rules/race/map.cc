#include "rules/catalog.h"
#include "rules/race/race_rule.h"

namespace gopsy::rules {

constinit const Rule kRaceMap =
    race_rule<analyze::RaceKind::Map>("race.map", "a map is read and written without order");

}  // namespace gopsy::rules
