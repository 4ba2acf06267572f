#pragma once

#include "analyze/races.h"
#include "rules/explain.h"

namespace gopsy::rules {

/// A finding about a race: both sides and the creators as evidence, title, why, confirm, fix and next filled in.
Finding about(const analyze::Race& race, const model::Symbols& symbols);

/// The body of every rule that explains one kind of race.
template <analyze::RaceKind kKind>
void run_race_rule(Inquiry& inquiry, std::vector<Finding>& findings) {
  for (const analyze::Race& race : inquiry.races)
    if (race.kind == kKind) findings.push_back(about(race, inquiry.incident.symbols));
}

/// A row for such a rule.
template <analyze::RaceKind kKind>
constexpr Rule race_rule(std::string_view id, std::string_view summary) {
  return {.id = id, .severity = Severity::Critical, .summary = summary, .run = run_race_rule<kKind>};
}

}  // namespace gopsy::rules
