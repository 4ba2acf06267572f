#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "analyze/waits.h"
#include "model/evidence.h"

namespace gopsy::analyze {

/// What is asked of a goroutine over and over, worked out once.
struct GoroutineFacts {
  Wait wait;
  /// What the program itself does: the innermost frame that does not come with Go; else the function the goroutine
  /// was started with. Null: no frame was printed.
  const model::TracebackFrame* user = nullptr;
};

/// The goroutines of one moment: a dump, a crash, or a goroutine profile.
///
/// Shape   a profile is brought into the form of a traceback: one goroutine for each of its stacks, with `counts`.
///         It has no ids, ages or creators; states are those that its innermost frames tell.
struct Snapshot {
  const model::Evidence* evidence = nullptr;
  const model::Traceback* traceback = nullptr;
  const model::Goroutine* crashed = nullptr;  ///< the one that ended the process
  bool all_asleep = false;                    ///< the runtime reported a deadlock with it
  std::shared_ptr<const model::Traceback> made;
  std::vector<std::uint64_t> counts;   ///< of each goroutine of `traceback`; empty: one each
  std::vector<std::uint32_t> samples;  ///< of each goroutine: the sample of the profile it stands for
  std::vector<GoroutineFacts> facts;   ///< of each goroutine of `traceback`
  std::int64_t time_ns = 0;            ///< 0: not known
  std::uint64_t total = 0;             ///< goroutines, the runtime's own included
  std::string name;                    ///< "app.log", or "app.log:12" where one input has several

  [[nodiscard]] bool is_profile() const { return made != nullptr; }
  [[nodiscard]] std::uint64_t count(std::size_t goroutine) const { return counts.empty() ? 1 : counts[goroutine]; }
  /// The runtime's own, which nobody started: left out unless asked for.
  [[nodiscard]] bool of_runtime(const model::Goroutine& goroutine) const {
    return goroutine.system || goroutine.wait == model::WaitKind::RuntimeIdle;
  }
  /// Printed by a recover or at GOTRACEBACK=single: says nothing about the other goroutines.
  [[nodiscard]] bool single() const;
};

/// Every dump, crash and goroutine profile of the evidence, in its order. Tracebacks without goroutines are left out.
///
/// Cost    linear in the frames up to each goroutine's own code.
std::vector<Snapshot> snapshots_of(model::Incident& incident);

/// Which to show when several are there: the one that ended a process, else the last that is not `single`.
/// REQUIRES: there is one.
std::size_t snapshot_to_show(const std::vector<Snapshot>& snapshots);

/// Frames of its stack, those that the runtime left out counted where it says how many; saturates.
std::uint64_t depth_of(const model::Goroutine& goroutine);

/// Is it a profile of goroutines (not of time, memory or threads)?
bool counts_goroutines(const model::Profile& profile, const model::Symbols& symbols);

}  // namespace gopsy::analyze
