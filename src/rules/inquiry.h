#pragma once

#include <optional>
#include <unordered_map>
#include <vector>

#include "analyze/blocked_sites.h"
#include "analyze/crash.h"
#include "analyze/deadlock.h"
#include "analyze/growth.h"
#include "analyze/leaks.h"
#include "analyze/lookup.h"
#include "analyze/races.h"
#include "analyze/snapshots.h"
#include "analyze/wait_groups.h"
#include "model/evidence.h"

namespace gopsy::rules {

/// What the rules ask about one incident, worked out once: each analysis costs a pass over all goroutines, and
/// there are some fifty rules.
class Inquiry {
 public:
  explicit Inquiry(model::Incident& incident);

  const model::Incident& incident;
  const std::vector<analyze::Crash> crashes;
  const std::vector<analyze::BlockedPlace> places;
  const std::vector<analyze::LeakPlace> leaks;
  const std::vector<analyze::LeakStack> leak_stacks;
  const std::vector<analyze::Race> races;

  /// The deadlock that the runtime reported with `crash`. REQUIRES: crash.kind is Deadlock, of `crashes`.
  [[nodiscard]] const analyze::Deadlock& deadlock_of(const analyze::Crash& crash) const;

  /// How much of each profile passes through a function; asked once for each function.
  const std::vector<analyze::FunctionShare>& shares_of(StringId function);

  /// Dumps, crashes and goroutine profiles; who waits for whom in each; what changed between those of one process.
  const std::vector<analyze::Snapshot>& snapshots();
  const std::vector<analyze::WaitGroups>& wait_groups();
  const std::vector<analyze::Growth>& growth();

 private:
  model::Incident& names_;  // canonical names are added to its symbols
  std::unordered_map<const analyze::Crash*, analyze::Deadlock> deadlocks_;
  std::unordered_map<StringId, std::vector<analyze::FunctionShare>> shares_;
  std::optional<std::vector<analyze::Snapshot>> snapshots_;
  std::optional<std::vector<analyze::WaitGroups>> wait_groups_;
  std::optional<std::vector<analyze::Growth>> growth_;
};

}  // namespace gopsy::rules
