#pragma once

#include "analyze/blocked_sites.h"

namespace gopsy::rules {

/// Do these goroutines wait to send to somebody who left? Enough of them, of one go statement, whose
/// creator is gone: its goroutine where the dump names it (Go 1.21), else its function, is in no stack.
bool is_abandoned_send(const analyze::BlockedSite& site);

}  // namespace gopsy::rules
