#pragma once

#include "analyze/trace/chains.h"
#include "analyze/trace/creation_tree.h"
#include "analyze/trace/endings.h"
#include "analyze/trace/gc_times.h"
#include "analyze/trace/life_story.h"
#include "analyze/trace/load_signs.h"
#include "analyze/trace/place_signs.h"
#include "analyze/trace/profiles.h"
#include "analyze/trace/question.h"
#include "analyze/trace/state_times.h"
#include "analyze/trace/study.h"
#include "analyze/trace/tasks.h"
#include "analyze/trace/timeline.h"
#include "model/trace_facts.h"

namespace gopsy::analyze {

/// All analyses of one trace, in one pass over it: ONE list of them, in the constructor.
///
/// Shape   read the trace into `sink`, then `take`. Facts refer to names in `symbols`.
class TraceAnalyses {
 public:
  TraceAnalyses(model::Symbols& symbols, const TraceQuestion& question);

  model::TraceSink& sink() { return study_; }
  model::TraceFacts take();

 private:
  std::vector<TracePart*> all();

  StateTimes times_;
  GcTimes gc_;
  Timeline timeline_;
  CreationTree tree_;
  LifeStory life_;
  TaskTimes tasks_;
  WaitChains chains_;
  StackProfiles profiles_;
  Endings endings_;
  model::TraceSigns signs_;
  PlaceSigns place_signs_;
  LoadSigns load_signs_;
  TraceStudy study_;
};

}  // namespace gopsy::analyze
