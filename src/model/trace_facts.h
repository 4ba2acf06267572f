#pragma once

#include "model/trace_chains.h"
#include "model/trace_ending.h"
#include "model/trace_gc.h"
#include "model/trace_life.h"
#include "model/trace_profiles.h"
#include "model/trace_signs.h"
#include "model/trace_stacks.h"
#include "model/trace_tasks.h"
#include "model/trace_timeline.h"
#include "model/trace_times.h"
#include "model/trace_tree.h"

namespace gopsy::model {

/// What the analyses of one trace found; a member an analysis. Names are ids of the run's Symbols.
struct TraceFacts {
  TraceStacks stacks;
  TraceTimes times;
  TraceGc gc;
  TraceTimeline timeline;
  TraceTree tree;
  TraceLifeStory life;  ///< of one goroutine, if it was asked for
  TraceTasks tasks;
  TraceChains chains;
  TraceProfiles profiles;
  TraceEnding ending;
  TraceSigns signs;
};

}  // namespace gopsy::model
