#include "rules/catalog.h"
#include "rules/race/race_rule.h"

namespace gopsy::rules {

constinit const Rule kRaceWaitGroup =
    race_rule<analyze::RaceKind::WaitGroup>("race.waitgroup", "WaitGroup.Add races with Wait");

}  // namespace gopsy::rules
