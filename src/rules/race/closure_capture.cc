#include "rules/catalog.h"
#include "rules/race/race_rule.h"

namespace gopsy::rules {

constinit const Rule kRaceClosureCapture =
    race_rule<analyze::RaceKind::ClosureCapture>("race.closure-capture", "goroutines share a captured variable");

}  // namespace gopsy::rules
