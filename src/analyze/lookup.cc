#include "analyze/lookup.h"

#include <algorithm>

#include "analyze/marks.h"

namespace gopsy::analyze {
namespace {

using model::Profile;

std::int64_t total_of(const Profile& profile, std::size_t type) {
  std::int64_t total = 0;
  for (std::size_t i = 0; i < profile.sample_count(); ++i) total = saturating_sum(total, profile.value(i, type));
  return total;
}

std::vector<bool> locations_with(const Profile& profile, StringId canonical, model::Symbols& symbols) {
  std::vector<bool> function_matches(profile.functions.size());
  for (std::size_t i = 0; i < profile.functions.size(); ++i)
    function_matches[i] = symbols.canonical(profile.functions[i].name) == canonical;
  std::vector<bool> matches(profile.locations.size());
  for (std::size_t i = 0; i < profile.locations.size(); ++i) {
    const auto& location = profile.locations[i];
    for (std::uint32_t line = 0; line < location.line_count; ++line)
      if (function_matches[profile.lines[location.first_line + line].function]) matches[i] = true;
  }
  return matches;
}

}  // namespace

std::vector<FunctionShare> shares_of(model::Incident& incident, StringId function) {
  std::vector<FunctionShare> shares;
  const StringId canonical = incident.symbols.canonical(function);
  for (const auto& evidence : incident.evidence) {
    if (!evidence.profile || evidence.profile->types.empty()) continue;
    const Profile& profile = *evidence.profile;
    const auto locations = locations_with(profile, canonical, incident.symbols);
    if (std::ranges::find(locations, true) == locations.end()) continue;
    const std::size_t type = profile.default_column();
    FunctionShare share{.evidence = &evidence, .type = profile.types[type].type, .unit = profile.types[type].unit};
    for (std::size_t i = 0; i < profile.sample_count(); ++i) {
      const std::int64_t value = profile.value(i, type);
      const auto stack = profile.stack(i);
      const bool inside = std::ranges::any_of(stack, [&](std::uint32_t location) { return locations[location]; });
      share.total = saturating_sum(share.total, value);
      if (inside) share.cumulative = saturating_sum(share.cumulative, value);
      if (!stack.empty() && locations[stack[0]]) share.flat = saturating_sum(share.flat, value);
    }
    if (share.cumulative != 0) shares.push_back(share);
  }
  return shares;
}

std::optional<HeapTrend> heap_trend(const model::Incident& incident) {
  HeapTrend trend;
  std::size_t seen = 0;
  for (const auto& evidence : incident.evidence) {
    if (!evidence.profile) continue;
    const auto type = column_of(*evidence.profile, incident.symbols, "inuse_space");
    if (!type) continue;
    ++seen;
    const std::int64_t bytes = total_of(*evidence.profile, *type);
    if (trend.first == nullptr || evidence.time_ns < trend.first->time_ns)
      trend.first = &evidence, trend.first_bytes = bytes;
    if (trend.last == nullptr || evidence.time_ns >= trend.last->time_ns)
      trend.last = &evidence, trend.last_bytes = bytes;
  }
  if (seen < 2 || trend.first == trend.last) return std::nullopt;
  return trend;
}

}  // namespace gopsy::analyze
