#pragma once

#include <vector>

#include "rules/inquiry.h"
#include "rules/rule.h"

namespace gopsy::rules {

/// load.cpu-starvation by the lines of schedtrace: a finding for each log, about its longest stretch.
void find_starved_samples(Inquiry& inquiry, std::vector<Finding>& findings);

}  // namespace gopsy::rules
