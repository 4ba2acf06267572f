#pragma once

#include <vector>

#include "rules/inquiry.h"
#include "rules/rule.h"

namespace gopsy::rules {

/// load.cpu-starvation by goroutine dumps: a finding about the dump with the most runnable goroutines.
void find_starved_dumps(Inquiry& inquiry, std::vector<Finding>& findings);

}  // namespace gopsy::rules
