#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "render/pprof/report.h"

namespace gopsy::pprof {

/// A routine of a binary with the nodes of the graph that lie in it, by address.
struct SampledRoutine {
  Routine routine;
  std::vector<NodeIndex> nodes;
  std::int64_t flat = 0, flat_div = 0;
  std::int64_t cum = 0, cum_div = 0;
};

/// One line of a listing: an instruction with the samples from its address up to the next one's.
struct WeighedInstruction {
  Instruction instruction;  ///< gaps filled from the samples
  std::int64_t flat = 0, flat_div = 0;
  std::int64_t cum = 0, cum_div = 0;
};

/// The routines that a report's expression names, or that hold the address it is; those with samples, by name.
/// Errors  in pprof's words: nothing matches.
/// Source  internal/report/report.go PrintAssembly, symbolsFromBinaries, nodesPerSymbol.
std::expected<std::vector<SampledRoutine>, std::string> sampled_routines(const Report& report, const Graph& graph);

/// `whole_paths`  false: files are shortened to their last element.
/// Source  internal/report/report.go annotateAssembly.
std::vector<WeighedInstruction> weighed(const Report& report, const Graph& graph, const SampledRoutine& routine,
                                        std::vector<Instruction> instructions, bool whole_paths = false);

/// A value of a report, or "." for nothing.
std::string value_or_dot(const Report& report, std::int64_t value, std::int64_t divisor);

}  // namespace gopsy::pprof
