#include "analyze/growth.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>

namespace gopsy::analyze {
namespace {

using model::Goroutine;

// Of how many processes a new dump may be one: logs of more pods than that at a time are rare, and comparing each
// dump with every other would be quadratic.
constexpr std::size_t kProcessesAtATime = 8;

bool has_ids(const Snapshot& snapshot) { return !snapshot.is_profile(); }

std::uint64_t highest_id(const Snapshot& snapshot) {
  const auto& goroutines = snapshot.traceback->goroutines;
  return std::ranges::max_element(goroutines, {}, &Goroutine::id)->id;
}

using ById = std::unordered_map<std::uint64_t, const Goroutine*>;

ById by_id(const Snapshot& snapshot) {
  ById map;
  map.reserve(snapshot.traceback->goroutines.size());
  for (const auto& goroutine : snapshot.traceback->goroutines)
    if (!goroutine.system) map.emplace(goroutine.id, &goroutine);
  return map;
}

bool started_alike(const Goroutine& a, const Goroutine& b) {
  return a.created_by == b.created_by && a.created_line == b.created_line && a.creator == b.creator;
}

// Of the numbers that both have, most must have been started alike: another process gives them to others.
bool same_process(const Snapshot& a, const Snapshot& b) {
  if (has_ids(a) != has_ids(b)) return false;
  if (!a.evidence->process.empty() && !b.evidence->process.empty() && a.evidence->process != b.evidence->process)
    return false;
  if (!has_ids(a)) return true;
  const ById in_a = by_id(a);
  std::size_t alike = 0;
  std::size_t other = 0;
  for (const auto& goroutine : b.traceback->goroutines) {
    const auto found = in_a.find(goroutine.id);
    if (goroutine.system || goroutine.id <= 1 || found == in_a.end()) continue;
    ++(started_alike(*found->second, goroutine) ? alike : other);
  }
  return alike > other || (alike == 0 && other == 0);
}

void put_in_order(Growth& growth, const std::vector<Snapshot>& snapshots) {
  const bool times = std::ranges::all_of(growth.order, [&](auto i) { return snapshots[i].time_ns != 0; });
  growth.has_ids = has_ids(snapshots[growth.order.front()]);
  if (times) {
    growth.ordered = Growth::Ordered::ByTime;
    std::ranges::stable_sort(growth.order, {}, [&](auto i) { return snapshots[i].time_ns; });
    const auto spent = snapshots[growth.order.back()].time_ns - snapshots[growth.order.front()].time_ns;
    if (spent > 0) growth.minutes = static_cast<double>(spent) / 60e9;
  } else if (growth.has_ids) {
    growth.ordered = Growth::Ordered::ByNumber;
    std::ranges::stable_sort(growth.order, {}, [&](auto i) { return highest_id(snapshots[i]); });
  }
}

class Sites {
 public:
  explicit Sites(Growth& growth, const std::vector<Snapshot>& snapshots) : growth_(growth), snapshots_(snapshots) {}

  void count_all() {
    for (std::size_t at = 0; at < growth_.order.size(); ++at) {
      const Snapshot& snapshot = snapshots_[growth_.order[at]];
      for (std::size_t i = 0; i < snapshot.traceback->goroutines.size(); ++i) {
        const Goroutine& goroutine = snapshot.traceback->goroutines[i];
        SiteGrowth* site = snapshot.of_runtime(goroutine) ? nullptr : find(snapshot, goroutine);
        if (site == nullptr) continue;
        site->counts[at] += snapshot.count(i);
        site->sample = &goroutine;
        site->sample_in = at;
      }
      if (at > 0 && growth_.has_ids) follow(at - 1);
    }
    std::ranges::stable_sort(growth_.sites, std::ranges::greater{}, &SiteGrowth::change);
  }

 private:
  SiteGrowth* find(const Snapshot& snapshot, const Goroutine& goroutine) {
    StringId function = goroutine.created_by;
    StringId file = goroutine.created_file;
    if (snapshot.is_profile()) {
      const auto frames = snapshot.traceback->frames_of(goroutine);
      if (frames.empty()) return nullptr;
      function = frames.back().function;
      file = frames.back().file;
    }
    if (function.none()) return nullptr;
    const auto key = std::uint64_t{function.value} << 32 | goroutine.created_line;
    const auto [found, is_new] = numbers_.try_emplace(key, growth_.sites.size());
    if (is_new)
      growth_.sites.push_back({.function = function,
                               .file = file,
                               .line = goroutine.created_line,
                               .counts = std::vector<std::uint64_t>(growth_.order.size()),
                               .turnover = std::vector<Turnover>(growth_.order.size() - 1)});
    return &growth_.sites[found->second];
  }

  // What changed from the dump `step` to the one after it.
  void follow(std::size_t step) {
    const Snapshot& before = snapshots_[growth_.order[step]];
    const Snapshot& after = snapshots_[growth_.order[step + 1]];
    const ById earlier = by_id(before);
    const ById later = by_id(after);
    const std::uint64_t highest = highest_id(before);
    for (const auto& goroutine : after.traceback->goroutines) {
      const auto found = earlier.find(goroutine.id);
      const bool stayed = found != earlier.end() && started_alike(*found->second, goroutine);
      note(after, goroutine, step, [&](Turnover& t) {
        ++(stayed ? t.stayed : t.fresh);
        if (!stayed && goroutine.id > highest) ++t.fresh_above;
      });
    }
    for (const auto& goroutine : before.traceback->goroutines) {
      const auto found = later.find(goroutine.id);
      if (found == later.end() || !started_alike(*found->second, goroutine))
        note(before, goroutine, step, [](Turnover& t) { ++t.ended; });
    }
  }

  template <class Change>
  void note(const Snapshot& snapshot, const Goroutine& goroutine, std::size_t step, Change change) {
    if (snapshot.of_runtime(goroutine)) return;
    change(growth_.turnover[step]);
    if (SiteGrowth* site = find(snapshot, goroutine)) change(site->turnover[step]);
  }

  Growth& growth_;
  const std::vector<Snapshot>& snapshots_;
  std::unordered_map<std::uint64_t, std::size_t> numbers_;
};

}  // namespace

std::int64_t SiteGrowth::change() const {
  return static_cast<std::int64_t>(counts.back()) - static_cast<std::int64_t>(counts.front());
}

bool SiteGrowth::never_fell() const { return std::ranges::is_sorted(counts); }

std::vector<Growth> growth_of(const std::vector<Snapshot>& snapshots) {
  std::vector<Growth> processes;
  for (std::size_t i = 0; i < snapshots.size(); ++i) {
    if (snapshots[i].single() || snapshots[i].traceback->goroutines.empty()) continue;
    const auto recent = processes.end() - static_cast<std::ptrdiff_t>(std::min(processes.size(), kProcessesAtATime));
    const auto of = std::find_if(recent, processes.end(), [&](const Growth& g) {
      return same_process(snapshots[g.order.back()], snapshots[i]);
    });
    if (of != processes.end()) {
      of->order.push_back(i);
    } else {
      processes.push_back({.order = {i}});
    }
  }
  std::erase_if(processes, [](const Growth& growth) { return growth.order.size() < 2; });
  for (Growth& growth : processes) {
    put_in_order(growth, snapshots);
    growth.turnover.resize(growth.order.size() - 1);
    Sites(growth, snapshots).count_all();
  }
  return processes;
}

GrowthVerdict judge(const Growth& growth, const SiteGrowth& site) {
  const std::size_t last = site.counts.size() - 1;
  std::size_t from = 0;
  while (from < last && site.counts[from] < kFewestToStart) ++from;
  if (from == last || site.counts[last] <= site.counts[from]) return {.from = from};
  const double gain = static_cast<double>(site.counts[last] - site.counts[from]);
  if (!growth.has_ids) {
    // Counts alone: only a row of them that never falls tells growth from a peak of load.
    const bool enough =
        last - from >= 2 && std::is_sorted(site.counts.begin() + static_cast<std::ptrdiff_t>(from), site.counts.end());
    return {.grows = enough && gain >= kSigmas * std::sqrt(static_cast<double>(site.counts[from] + site.counts[last])),
            .from = from};
  }
  Turnover sum;
  for (std::size_t step = from; step < last; ++step) {
    sum.fresh += site.turnover[step].fresh;
    sum.ended += site.turnover[step].ended;
    sum.fresh_above += site.turnover[step].fresh_above;
  }
  const bool stayed = sum.ended * kOneInEnded <= site.counts[from];
  const bool newer = sum.fresh_above * 2 >= sum.fresh;
  return {.grows = stayed && newer && gain >= kSigmas * std::sqrt(static_cast<double>(sum.fresh + sum.ended)),
          .from = from};
}

}  // namespace gopsy::analyze
