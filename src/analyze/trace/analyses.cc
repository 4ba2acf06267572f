#include "analyze/trace/analyses.h"

namespace gopsy::analyze {

TraceAnalyses::TraceAnalyses(model::Symbols& symbols, const TraceQuestion& question)
    : times_(question.goroutines),
      gc_(question.mutator),
      life_(question.goid),
      chains_(question.threshold_ns),
      profiles_(question.goroutines.function),
      place_signs_(signs_, question.threshold_ns),
      load_signs_(signs_, question.threshold_ns, question.range.from_ns <= 0),
      study_(symbols, question.profiles_only ? std::vector<TracePart*>{&profiles_} : all(), question.range) {}

std::vector<TracePart*> TraceAnalyses::all() {
  return {&times_,  &gc_,       &timeline_, &tree_,        &life_,      &tasks_,
          &chains_, &profiles_, &endings_,  &place_signs_, &load_signs_};
}

model::TraceFacts TraceAnalyses::take() {
  study_.finish();
  return {.stacks = study_.whole().take(),
          .times = times_.take(),
          .gc = gc_.take(),
          .timeline = timeline_.take(),
          .tree = tree_.take(),
          .life = life_.take(),
          .tasks = tasks_.take(),
          .chains = chains_.take(),
          .profiles = profiles_.take(),
          .ending = endings_.take(),
          .signs = std::move(signs_)};
}

}  // namespace gopsy::analyze
