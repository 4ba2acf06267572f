#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "model/evidence.h"

namespace gopsy::analyze {

/// The runtime lines of one process.
struct RuntimeRun {
  const model::Evidence* evidence = nullptr;
  std::uint32_t number = 0;  ///< of the runs of its log, from 0
  std::vector<const model::GcCycle*> cycles;
  std::vector<const model::SchedSample*> samples;
  std::vector<const model::ScavengeLine*> scavenges;
  std::vector<const model::InitLine*> inits;

  [[nodiscard]] const model::RuntimeLog& log() const { return evidence->log->runtime; }
  [[nodiscard]] std::span<const model::ProcSample> procs_of(const model::SchedSample& sample) const {
    return std::span(log().procs).subspan(sample.first_proc, sample.proc_count);
  }
};

/// All runs that have one of these lines, in the order of the evidence.
/// Cost  one pass over the rows.
std::vector<RuntimeRun> runtime_runs(const model::Incident& incident);

/// The p-th percentile of sorted values, the nearest rank: 0.5 is the median. 0 of none.
template <class Number>
Number quantile(std::span<const Number> sorted, double p) {
  if (sorted.empty()) return {};
  const auto rank = static_cast<std::size_t>(p * static_cast<double>(sorted.size()));
  return sorted[rank < sorted.size() ? rank : sorted.size() - 1];
}

}  // namespace gopsy::analyze
