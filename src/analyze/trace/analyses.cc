#include "analyze/trace/analyses.h"

namespace gopsy::analyze {

TraceAnalyses::TraceAnalyses(model::Symbols& symbols, const TraceQuestion& question)
    : chains_(question.threshold_ns), study_(symbols, {&times_, &tasks_, &chains_}, question.range) {}

model::TraceFacts TraceAnalyses::take() {
  study_.finish();
  return {.stacks = study_.whole().take(), .times = times_.take(), .tasks = tasks_.take(), .chains = chains_.take()};
}

}  // namespace gopsy::analyze
