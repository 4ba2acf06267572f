#pragma once

#include "model/trace_chains.h"
#include "model/trace_ending.h"
#include "model/trace_signs.h"
#include "model/trace_stacks.h"
#include "model/trace_tasks.h"
#include "model/trace_times.h"

namespace gopsy::model {

/// What the analyses of one trace found; a member an analysis. Names are ids of the run's Symbols.
struct TraceFacts {
  TraceStacks stacks;
  TraceTimes times;
  TraceTasks tasks;
  TraceChains chains;
  TraceEnding ending;
  TraceSigns signs;
};

}  // namespace gopsy::model
