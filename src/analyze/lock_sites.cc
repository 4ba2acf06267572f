#include "analyze/lock_sites.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>
#include <tuple>

#include "analyze/marks.h"

namespace gopsy::analyze {
namespace {

using model::Profile;

bool is_lock_machinery(std::string_view function) {
  const std::string_view package = model::package_of(function);
  return package == "sync" || package == "internal/sync" || package == "runtime" ||
         package.starts_with("internal/runtime/") || package.starts_with("runtime/internal/");
}

bool is_locking(std::string_view function) {
  return function.ends_with("Mutex).Lock") || function.ends_with("RWMutex).RLock");
}

bool is_unlocking(std::string_view function) {
  return function.ends_with("Mutex).Unlock") || function.ends_with("RWMutex).RUnlock") ||
         function.ends_with("Mutex).unlockSlow") || function.ends_with("RWMutex).rUnlockSlow");
}

// "shop.(*Cart)" of "shop.(*Cart).Total.func1"; a plain function without its closures.
std::string owner_of(std::string_view function) {
  const std::size_t slash = function.rfind('/');
  const std::size_t start = slash == std::string_view::npos ? 0 : slash + 1;
  if (const auto receiver = function.find(").", start); receiver != std::string_view::npos)
    return std::string(function.substr(0, receiver + 1));
  const auto package = function.find('.', start);
  if (package == std::string_view::npos) return std::string(function);
  return std::string(function.substr(0, function.find('.', package + 1)));
}

class Collector {
 public:
  explicit Collector(const model::Symbols& symbols) : symbols_(symbols) {}

  // The stacks of one profile: `role` recognises the function of sync that they must pass through.
  std::int64_t add(const Profile& profile, bool (*role)(std::string_view), bool holders, LockProfiles& into) {
    const auto delay = column_of(profile, symbols_, "delay");
    const auto count = column_of(profile, symbols_, "contentions");
    if (!delay) return 0;
    std::int64_t total = 0;
    for (std::size_t i = 0; i < profile.sample_count(); ++i) {
      const auto frames = frames_of(profile, i);
      const auto user =
          std::ranges::find_if_not(frames, [&](const Place& place) { return is_lock_machinery(name(profile, place)); });
      const bool locks =
          std::any_of(frames.begin(), user, [&](const Place& place) { return role(name(profile, place)); });
      if (!locks || user == frames.end()) continue;
      const std::int64_t ns = profile.value(i, *delay);
      total = saturating_sum(total, ns);
      const bool reads = std::any_of(
          frames.begin(), user, [&](const Place& place) { return name(profile, place).ends_with("RWMutex).RLock"); });
      if (reads) into.reader_wait_ns = saturating_sum(into.reader_wait_ns, ns);
      const auto& function = profile.functions[user->function];
      Entry& entry = entries_[{owner_of(name(profile, *user)), holders, function.name.value, user->line}];
      entry.place.place = {.function = function.name, .file = function.file, .line = user->line};
      entry.place.delay_ns = saturating_sum(entry.place.delay_ns, ns);
      if (count) entry.place.contentions = saturating_sum(entry.place.contentions, profile.value(i, *count));
    }
    return total;
  }

  std::vector<LockSite> take() {
    std::map<std::string, LockSite> by_owner;
    for (auto& [key, entry] : entries_) {
      LockSite& site = by_owner[std::get<0>(key)];
      site.owner = std::get<0>(key);
      const bool holders = std::get<1>(key);
      (holders ? site.holders : site.waiters).push_back(entry.place);
      std::int64_t& sum = holders ? site.held_ns : site.waited_ns;
      sum = saturating_sum(sum, entry.place.delay_ns);
    }
    std::vector<LockSite> sites;
    for (auto& [owner, site] : by_owner) {
      for (auto* places : {&site.holders, &site.waiters})
        std::ranges::stable_sort(*places, std::greater{}, &LockPlace::delay_ns);
      sites.push_back(std::move(site));
    }
    std::ranges::stable_sort(sites, std::greater{},
                             [](const LockSite& site) { return std::max(site.held_ns, site.waited_ns); });
    return sites;
  }

 private:
  struct Entry {
    LockPlace place;
  };

  [[nodiscard]] std::string_view name(const Profile& profile, const Place& place) const {
    return symbols_.text(profile.functions[place.function].name);
  }

  const model::Symbols& symbols_;
  std::map<std::tuple<std::string, bool, std::uint32_t, std::int64_t>, Entry> entries_;
};

}  // namespace

LockProfiles lock_profiles(const model::Incident& incident) {
  LockProfiles found;
  Collector collector(incident.symbols);
  for (const auto& evidence : incident.evidence) {
    if (!evidence.profile) continue;
    if (evidence.kind == "mutex profile" && found.mutex == nullptr) {
      found.mutex = &evidence;
      found.mutex_total_ns = collector.add(*evidence.profile, is_unlocking, /*holders=*/true, found);
    } else if (evidence.kind == "block profile" && found.block == nullptr) {
      found.block = &evidence;
      collector.add(*evidence.profile, is_locking, /*holders=*/false, found);
    }
  }
  found.sites = collector.take();
  return found;
}

}  // namespace gopsy::analyze
