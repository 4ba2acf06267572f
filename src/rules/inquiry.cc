#include "rules/inquiry.h"

namespace gopsy::rules {

Inquiry::Inquiry(model::Incident& of)
    : incident(of),
      crashes(analyze::crashes_of(of)),
      places(analyze::blocked_places(of)),
      leaks(analyze::leak_places(of, places)),
      leak_stacks(analyze::leak_stacks(of)),
      races(analyze::races_of(of)),
      names_(of) {
  for (const auto& crash : crashes)
    if (crash.kind == analyze::CrashKind::Deadlock)
      deadlocks_.emplace(&crash, analyze::deadlock_of(*crash.traceback, *crash.symbols));
}

const analyze::Deadlock& Inquiry::deadlock_of(const analyze::Crash& crash) const { return deadlocks_.at(&crash); }

const std::vector<analyze::FunctionShare>& Inquiry::shares_of(StringId function) {
  const auto [found, is_new] = shares_.try_emplace(function);
  if (is_new) found->second = analyze::shares_of(names_, function);
  return found->second;
}

const std::vector<analyze::Snapshot>& Inquiry::snapshots() {
  if (!snapshots_) snapshots_ = analyze::snapshots_of(names_);
  return *snapshots_;
}

const std::vector<analyze::WaitGroups>& Inquiry::wait_groups() {
  if (!wait_groups_) {
    wait_groups_.emplace();
    for (const auto& snapshot : snapshots()) wait_groups_->push_back(analyze::wait_groups(snapshot, incident.symbols));
  }
  return *wait_groups_;
}

const std::vector<analyze::Growth>& Inquiry::growth() {
  if (!growth_) growth_ = analyze::growth_of(snapshots());
  return *growth_;
}

}  // namespace gopsy::rules
