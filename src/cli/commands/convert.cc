#include <array>

#include "cli/catalog.h"
#include "cli/inputs.h"
#include "cli/profiles.h"

namespace gopsy::cli {
namespace {

constexpr std::array kFlags{
    Flag{"--to", "FORM", "the form to write", "pprof|folded|speedscope|firefox|otlp|json|callgrind"},
    Flag{"--output,-o", "FILE", "where to (default: stdout); without --to the ending decides; .gz compresses any form"},
    Flag{"--sample-index", "TYPE", "for forms with one value a stack: a type's name, or its number from 0"},
    GOPSY_GROUP_FLAG,
    GOPSY_INPUT_FLAGS,
};

constexpr std::array kExamples{
    Example{"gopsy convert cpu.pb.gz -o cpu.speedscope.json", "for speedscope.app"},
    Example{"gopsy convert cpu.pb.gz -o cpu.firefox.json", "for profiler.firefox.com"},
    Example{"gopsy convert perf.folded --to pprof -o perf.pb.gz", "folded stacks for go tool pprof"},
    Example{"gopsy convert heap.pb.gz --to folded --sample-index alloc_space", "one value as folded stacks"},
};

int run(const Invocation& invocation) {
  Stats stats;
  model::Incident incident;
  const auto profiles = load_profiles(invocation, invocation.operands, {}, incident, stats);
  if (!profiles) return kUsage;
  if (!profiles->sum) return exit_for_profiles(*profiles, incident);
  return write_profile(invocation, *profiles, incident, stats);
}

}  // namespace

constinit const Command kConvert{
    .name = "convert",
    .summary = "write a profile in the format of another tool",
    .operands = "WHAT...",
    .description =
        "Writes whatever profile it reads as pprof, folded stacks, speedscope, Firefox Profiler, OpenTelemetry or "
        "plain "
        "JSON. Several inputs are merged. What each form can hold is in docs/renderers.md.",
    .flags = kFlags,
    .examples = kExamples,
    .needs_operand = true,
    .run = run,
};

}  // namespace gopsy::cli
