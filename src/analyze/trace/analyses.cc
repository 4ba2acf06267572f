#include "analyze/trace/analyses.h"

namespace gopsy::analyze {

TraceAnalyses::TraceAnalyses(model::Symbols& symbols, const TraceQuestion& question)
    : study_(symbols, {&times_}, question.range) {}

model::TraceFacts TraceAnalyses::take() {
  study_.finish();
  return {.stacks = study_.whole().take(), .times = times_.take(), .tasks = {}, .chains = {}};
}

}  // namespace gopsy::analyze
