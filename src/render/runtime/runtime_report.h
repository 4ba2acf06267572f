#pragma once

#include <optional>
#include <string>
#include <vector>

#include "analyze/gc_report.h"
#include "analyze/scheduler_report.h"
#include "model/symbols.h"

namespace gopsy::render {

/// The runtime lines of one process, and what the analyses say of them. What the log has no line of is not there.
struct RuntimeDocument {
  analyze::RuntimeRun run;
  std::uint32_t runs = 0;  ///< in its log
  std::optional<analyze::GcReport> gc;
  std::optional<analyze::SchedulerReport> scheduler;
  std::optional<analyze::ScavengeReport> scavenges;
  std::optional<analyze::InitReport> inits;
};

RuntimeDocument runtime_document(analyze::RuntimeRun run, const model::Symbols& symbols, std::uint64_t memory_limit);

/// For people: a block for each part that there is.
struct RuntimeTextOptions {
  bool bars = false;           ///< small curves of block characters: for terminals
  std::size_t most_rows = 10;  ///< of the table of packages
};
std::string runtime_text(const RuntimeDocument& document, const model::Symbols& symbols,
                         const RuntimeTextOptions& options);

/// All runs as one object.
std::string runtime_json(const std::vector<RuntimeDocument>& documents, const model::Symbols& symbols);

/// A still chart over time: heap, share of the CPUs, pauses, run queues, each where there are lines of it. Readable
/// without scripts, light or dark as its surroundings are. At most 600 points a curve: of more, each part of the time
/// shows its extremes.
std::string runtime_svg(const RuntimeDocument& document);

}  // namespace gopsy::render
