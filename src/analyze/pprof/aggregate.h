#pragma once

#include "analyze/pprof/config.h"
#include "model/profile.h"

namespace gopsy::pprof {

/// Takes out of a profile's tables what the granularity does not tell apart: names, files, lines, addresses, and with
/// `noinlines` the inlined lines. Errors  an unknown granularity.
/// Source  internal/driver/driver.go aggregate, profile/profile.go Aggregate.
bool aggregate(model::Profile& profile, const Config& config);

}  // namespace gopsy::pprof
