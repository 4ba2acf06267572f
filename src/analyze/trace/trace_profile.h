#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/profile.h"
#include "model/symbols.h"
#include "model/trace_facts.h"

namespace gopsy::analyze {

/// One profile that can be made of a trace.
struct TraceProfileKind {
  std::string_view name;
  std::string_view summary;
};

/// All of them but the runtime's reasons of blocking, each of which is one too.
std::span<const TraceProfileKind> trace_profile_kinds();

/// The reasons of blocking that the trace has, in the order of first sight.
std::vector<std::string> trace_profile_reasons(const model::TraceFacts& facts, const model::Symbols& symbols);

/// The profile called `kind`: contentions and delay by stack, as go tool trace -pprof writes them (net, sync, syscall,
/// sched), of block and single reasons likewise; states is trace_profile. Nothing: no such kind.
///
/// Shape   a location a frame: the runtime gives those of inlined calls pcs of their own.
/// Source  cmd/trace/pprof.go and internal/trace/traceviewer/pprof.go of Go 1.26.
std::optional<model::Profile> trace_profile_of(std::string_view kind, const model::TraceFacts& facts,
                                               model::Symbols& symbols);

/// Everything in one profile, for commands that take profiles.
///
/// Shape   columns: samples and cpu if there are CPU samples, a hundred of which are taken to make a second; sched,
/// sync,
///         syscall, net: the delay as above; running, runnable, blocked, and time, the sum of all states, by the stack
///         of the goroutine itself: their totals are those of TraceTimes. Labels: state ("runnable", "blocked: select")
///         and function, that the goroutine began in. cpu is the default, without samples time.
model::Profile trace_profile(const model::TraceFacts& facts, model::Symbols& symbols);

}  // namespace gopsy::analyze
