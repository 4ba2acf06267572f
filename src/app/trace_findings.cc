#include "app/trace_findings.h"

#include <utility>

namespace gopsy::app {

std::vector<rules::Finding> findings_of(TraceOverview& overview) {
  model::Incident incident;
  incident.symbols = std::move(overview.symbols);
  incident.evidence.push_back(std::move(overview.evidence));
  auto findings = rules::diagnose(incident);
  overview.symbols = std::move(incident.symbols);
  overview.evidence = std::move(incident.evidence.front());
  return findings;
}

}  // namespace gopsy::app
