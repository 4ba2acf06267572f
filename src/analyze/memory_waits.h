#pragma once

#include <cstdint>
#include <vector>

#include "analyze/deadlock.h"
#include "analyze/wait_groups.h"

namespace gopsy::analyze {

/// Goroutines that wait for each other: each for a lock or a WaitGroup that the next one has. All who have it must let
/// go, so one of them in the ring is enough. One alone waits for itself.
///
/// Shape   each goroutine is in one ring at most: one is told for each knot.
/// Cost    linear in edges and holds.
std::vector<std::vector<WaitStep>> wait_rings(const model::WaitFacts& facts);

/// `wait_groups` of a snapshot of memory. REQUIRES: snapshot.traceback->waits.
WaitGroups memory_wait_groups(const Snapshot& snapshot, const model::Symbols& symbols);

}  // namespace gopsy::analyze
