#pragma once

#include <optional>
#include <vector>

#include "analyze/gc_report.h"
#include "rules/rule.h"

namespace gopsy::rules {

/// A run of a process with lines of gctrace, and what they say.
struct TracedRun {
  analyze::RuntimeRun run;
  analyze::GcReport report;
};

/// Of each log the run that `matters` most and above 0, the first of equals; `others` counts those that matter too.
struct ChosenRun {
  TracedRun traced;
  std::size_t others = 0;
};
std::vector<ChosenRun> choose_runs(const model::Incident& incident, double (*matters)(const analyze::GcReport&));

/// A line of gctrace in short: "gc 57 @12.3s: heap 96->120->60 MiB, goal 120 MiB".
Exhibit cycle_at(const TracedRun& traced, std::uint32_t line, std::string_view role);

/// " (so in 3 other runs of the process)", or nothing.
std::string other_runs(const ChosenRun& chosen);

/// gc.pressure by the lines of gctrace alone: of the log in which the collector takes most.
std::optional<Finding> traced_pressure(const model::Incident& incident);

/// What the lines of gctrace add to a finding of gc.pressure that a profile led to.
void add_traced_pressure(const model::Incident& incident, Finding& finding);

}  // namespace gopsy::rules
