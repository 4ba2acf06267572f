#pragma once

#include <string_view>
#include <vector>

#include "analyze/wait_groups.h"

namespace gopsy::analyze {

/// Fills in the holder of each lock of `groups` where exactly one goroutine can be it.
void find_holders(const Snapshot& snapshot, const model::Symbols& symbols, std::vector<WaitGroupOf>& groups);

/// The rings in the graph "waits for a lock that … holds". Each goroutine waits for one lock at most, so a walk from
/// each that marks where it has been finds them all in linear time.
std::vector<WaitCycle> wait_cycles(const Snapshot& snapshot, const std::vector<WaitGroupOf>& groups);

/// "main.(*store)" of "main.(*store).put" and of its closures "main.(*store).put.func1"; empty for what is no method
/// of a pointer or a named type.
std::string_view receiver_type(std::string_view function);

}  // namespace gopsy::analyze
