#include "rules/catalog.h"
#include "rules/race/race_rule.h"

namespace gopsy::rules {

constinit const Rule kRaceChannelClose =
    race_rule<analyze::RaceKind::ChannelClose>("race.channel-close", "a send or receive races with close");

}  // namespace gopsy::rules
