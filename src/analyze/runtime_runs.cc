#include "analyze/runtime_runs.h"

#include <algorithm>

namespace gopsy::analyze {
namespace {

template <class Row>
void place(const std::vector<Row>& rows, std::vector<RuntimeRun>& runs, std::vector<const Row*> RuntimeRun::* column) {
  for (const Row& row : rows) (runs[row.run].*column).push_back(&row);
}

}  // namespace

std::vector<RuntimeRun> runtime_runs(const model::Incident& incident) {
  std::vector<RuntimeRun> all;
  for (const auto& evidence : incident.evidence) {
    if (!evidence.log || evidence.log->runtime.runs == 0) continue;
    const model::RuntimeLog& log = evidence.log->runtime;
    std::vector<RuntimeRun> runs(log.runs);
    for (std::uint32_t i = 0; i < log.runs; ++i) {
      runs[i].evidence = &evidence;
      runs[i].number = i;
    }
    place(log.cycles, runs, &RuntimeRun::cycles);
    place(log.samples, runs, &RuntimeRun::samples);
    place(log.scavenges, runs, &RuntimeRun::scavenges);
    place(log.inits, runs, &RuntimeRun::inits);
    std::ranges::move(runs, std::back_inserter(all));
  }
  return all;
}

}  // namespace gopsy::analyze
