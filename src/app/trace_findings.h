#pragma once

#include <vector>

#include "app/trace.h"
#include "rules/rule.h"

namespace gopsy::app {

/// What the rules say of one trace that was read, ranked. REQUIRES: overview.failure is empty.
std::vector<rules::Finding> findings_of(TraceOverview& overview);

}  // namespace gopsy::app
