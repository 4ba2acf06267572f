#pragma once

#include "rules/inquiry.h"

namespace gopsy::rules {

/// Do enough goroutines wait for this lock, and is it known well enough who holds it?
bool tells_who_holds(const analyze::Snapshot& snapshot, const analyze::WaitGroupOf& group);

/// Does contention.lock-held say what these goroutines wait for?
bool explained_by_holder(Inquiry& inquiry, const analyze::BlockedSite& site);

}  // namespace gopsy::rules
