#include <array>

#include "cli/catalog.h"
#include "cli/inputs.h"
#include "cli/profiles.h"

namespace gopsy::cli {
namespace {

constexpr std::array kFlags{
    Flag{"--output,-o", "FILE", "where to (default: stdout); the ending decides the form: .pb.gz, .pb, .folded, ..."},
    Flag{"--to", "FORM", "the form, whatever the file is called", "pprof|folded|speedscope|firefox|otlp|json"},
    Flag{"--sample-index", "TYPE", "for forms with one value a stack: a type's name, or its number from 0"},
    Flag{"--pprof-exact", "", "merge with the slips of google/pprof, for the same bytes"},
    GOPSY_INPUT_FLAGS,
};

constexpr std::array kExamples{
    Example{"gopsy merge cpu-1.pb.gz cpu-2.pb.gz -o both.pb.gz", "one profile of two"},
    Example{"gopsy merge profiles/ -o all.pb.gz --stats", "a whole folder, one profile in memory at a time"},
};

int run(const Invocation& invocation) {
  Stats stats;
  model::Incident incident;
  const auto profiles =
      load_profiles(invocation, invocation.operands, {.pprof_exact = invocation.has("pprof-exact")}, incident, stats);
  if (!profiles) return kUsage;
  if (!profiles->sum) return exit_for_profiles(*profiles, incident);
  return write_profile(invocation, *profiles, incident, stats);
}

}  // namespace

constinit const Command kMerge{
    .name = "merge",
    .summary = "add profiles up into one",
    .operands = "WHAT...",
    .description =
        "Adds up any number of profiles: samples with the same stack and labels become one, units are converted to the "
        "finest, values that not all of them have are left out. Memory is that of the result, however many go in. A "
        "single profile is written as it is.",
    .flags = kFlags,
    .examples = kExamples,
    .needs_operand = true,
    .run = run,
};

}  // namespace gopsy::cli
