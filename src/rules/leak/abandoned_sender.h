#pragma once

#include "analyze/blocked_sites.h"

namespace gopsy::rules {

/// Do these goroutines wait to send to somebody who left? Enough of them, of one go statement, most of
/// which outlived the call that started them, and not started in one go as a pool of workers is.
bool is_abandoned_send(const analyze::BlockedSite& site);

}  // namespace gopsy::rules
