#include "rules/catalog.h"
#include "rules/race/race_rule.h"

namespace gopsy::rules {

constinit const Rule kRaceField =
    race_rule<analyze::RaceKind::Field>("race.field", "a field or variable is read and written without order");

}  // namespace gopsy::rules
