#include "analyze/trace/analyses.h"

namespace gopsy::analyze {

TraceAnalyses::TraceAnalyses(model::Symbols& symbols, const TraceQuestion& question)
    : profiles_(question.profiled), study_(symbols, {&times_, &profiles_}, question.range) {}

model::TraceFacts TraceAnalyses::take() {
  study_.finish();
  return {.stacks = study_.whole().take(), .times = times_.take(), .profiles = profiles_.take()};
}

}  // namespace gopsy::analyze
