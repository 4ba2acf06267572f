#include <algorithm>
#include <array>

#include "rules/catalog.h"

namespace gopsy::rules {
namespace {

#define GOPSY_RULE_ADDRESS(name) &name,
constexpr std::array kRules{GOPSY_RULES(GOPSY_RULE_ADDRESS)};
#undef GOPSY_RULE_ADDRESS

}  // namespace

std::span<const Rule* const> rules() { return kRules; }

const Rule* find_rule(std::string_view id) {
  const auto found = std::ranges::find(kRules, id, [](const Rule* rule) { return rule->id; });
  return found == kRules.end() ? nullptr : *found;
}

}  // namespace gopsy::rules
