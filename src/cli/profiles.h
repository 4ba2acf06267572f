#pragma once

#include <optional>
#include <string>
#include <vector>

#include "analyze/merge.h"
#include "base/stats.h"
#include "cli/command.h"
#include "model/evidence.h"

namespace gopsy::cli {

/// The profiles of some operands as one.
struct Profiles {
  std::optional<model::Profile> sum;  ///< one profile as it was read; several merged
  std::uint64_t count = 0;
  std::string title;  ///< the program and kind of the first
};

/// Reads the operands and adds their profiles up, one in memory at a time. What has none, or measures something else
/// than the others, is named on stderr, and so is what could not be read. Nothing: a flag makes no sense.
std::optional<Profiles> load_profiles(const Invocation& invocation, const std::vector<std::string>& operands,
                                      analyze::MergeOptions options, model::Incident& incident, Stats& stats);

/// kDone, or what the inputs of `incident` and the absence of a profile make of it.
int exit_for_profiles(const Profiles& profiles, const model::Incident& incident);

/// Writes `profile` in the form that `--to` or the name of the output decides.
int write_profile(const Invocation& invocation, const Profiles& profiles, model::Incident& incident, Stats& stats);

}  // namespace gopsy::cli
