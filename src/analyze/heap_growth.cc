#include "analyze/heap_growth.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <string_view>
#include <utility>

#include "analyze/lookup.h"
#include "analyze/marks.h"

namespace gopsy::analyze {
namespace {

using model::Profile;
using Key = std::pair<std::uint32_t, std::int64_t>;  // name and line

// The innermost frame outside the runtime: who asked for the memory.
Key place_of(const Profile& profile, std::size_t sample, const model::Symbols& symbols, CodePlace& place) {
  const auto frames = frames_of(profile, sample);
  if (frames.empty()) return {};
  const auto named = [&](const Place& at) { return symbols.text(profile.functions[at.function].name); };
  auto user = std::ranges::find_if_not(frames, [&](const Place& at) { return model::is_runtime(named(at)); });
  if (user == frames.end()) user = frames.begin();
  const auto& function = profile.functions[user->function];
  place = {.function = function.name, .file = function.file, .line = user->line};
  return {function.name.value, user->line};
}

// Each object stands for 1/p of its kind, where p is the chance that one is sampled.
double variance_of(std::int64_t bytes, std::int64_t objects, std::int64_t rate) {
  if (rate <= 1 || objects <= 0 || bytes <= 0) return 0;
  const double size = static_cast<double>(bytes) / static_cast<double>(objects);
  const double chance = -std::expm1(-size / static_cast<double>(rate));
  const double weight = size / chance;
  return static_cast<double>(objects) * chance * weight * weight;
}

void add_profile(const model::Evidence& evidence, const model::Symbols& symbols, std::int64_t HeapSite::* bytes,
                 std::map<Key, HeapSite>& sites, HeapSite& whole) {
  const Profile& profile = *evidence.profile;
  const auto space = column_of(profile, symbols, "inuse_space");
  const auto objects = column_of(profile, symbols, "inuse_objects");
  for (std::size_t i = 0; i < profile.sample_count(); ++i) {
    const std::int64_t size = profile.value(i, *space);
    if (size == 0) continue;
    CodePlace place;
    HeapSite& site = sites[place_of(profile, i, symbols, place)];
    site.place = place;
    const double variance = objects ? variance_of(size, profile.value(i, *objects), profile.period) : 0;
    for (HeapSite* const sum : {&site, &whole}) {
      sum->*bytes = saturating_sum(sum->*bytes, size);
      sum->variance += variance;
    }
  }
}

}  // namespace

bool HeapSite::beyond_chance() const { return static_cast<double>(growth()) > 3 * std::sqrt(variance) && growth() > 0; }

HeaviestPlace heaviest_place(const Profile& profile, std::size_t column, const model::Symbols& symbols) {
  std::map<Key, HeaviestPlace> sums;
  HeaviestPlace heaviest;
  std::int64_t total = 0;
  for (std::size_t i = 0; i < profile.sample_count(); ++i) {
    CodePlace place;
    HeaviestPlace& sum = sums[place_of(profile, i, symbols, place)];
    sum.place = place;
    sum.value = saturating_sum(sum.value, profile.value(i, column));
    total = saturating_sum(total, profile.value(i, column));
  }
  for (const auto& [key, sum] : sums)
    if (sum.value > heaviest.value) heaviest = sum;
  heaviest.total = total;
  return heaviest;
}

HeapGrowth heap_growth(const model::Incident& incident) {
  HeapGrowth found;
  const auto trend = heap_trend(incident);
  if (!trend || trend->first->time_ns == trend->last->time_ns) return found;
  found.first = trend->first;
  found.last = trend->last;
  std::map<Key, HeapSite> sites;
  add_profile(*found.first, incident.symbols, &HeapSite::first_bytes, sites, found.whole);
  add_profile(*found.last, incident.symbols, &HeapSite::last_bytes, sites, found.whole);
  for (auto& [key, site] : sites) found.sites.push_back(std::move(site));
  std::ranges::stable_sort(found.sites, std::greater{}, &HeapSite::growth);
  return found;
}

}  // namespace gopsy::analyze
