#include "rules/catalog.h"
#include "rules/explain.h"
#include "rules/profile/words.h"

namespace gopsy::rules {
namespace {

constexpr double kLeastShare = 0.05;
constexpr std::size_t kMostFindings = 3;

void tell(const analyze::CpuProfile& cpu, const analyze::InlinedSpot& spot, const model::Symbols& symbols,
          std::vector<Finding>& findings) {
  const std::string function = name_of(*cpu.profile, symbols, spot.function);
  const std::string into = name_of(*cpu.profile, symbols, spot.into);
  Finding finding{.confidence = 0.9};
  finding.title =
      fmt::format("{} of the CPU time is in {}, inlined into {}", percent(cpu.share(spot.ns)), function, into);
  finding.why = fmt::format(
      "The innermost frame of these samples is {}, which the compiler expanded into its callers, {} most of all. It "
      "has "
      "no machine code of its own there: tools that see addresses only (perf without inlining, -noinlines, "
      "symbolizers that read the symbol table) book {} of the CPU time to the caller.",
      function, into, share_words(cpu, spot.ns));
  if (spot.physical_ns > 0)
    finding.why += fmt::format(" Where it was not inlined it has {} more.", percent(cpu.share(spot.physical_ns)));
  const auto& info = cpu.profile->functions[spot.function];
  finding.evidence.push_back(
      value_of(*cpu.evidence,
               "most of it at " + place_words({.function = info.name, .file = info.file, .line = spot.line}, symbols)));
  finding.confirm = "`gopsy pprof -top` with and without -noinlines: the share moves to the caller.";
  finding.fix =
      "Judge the loop that it stands in, not the function: hoist what does not change, replace the data structure, or "
      "call it less often. Keeping it from being inlined makes it visible, and slower.";
  finding.next = fmt::format("gopsy pprof -list={} {}", shell_word("^" + regex_of(symbols.text(info.name)) + "$"),
                             shell_word(cpu.evidence->path));
  findings.push_back(std::move(finding));
}

void run(Inquiry& inquiry, std::vector<Finding>& findings) {
  const model::Symbols& symbols = inquiry.incident.symbols;
  for (const auto& cpu : analyze::cpu_profiles(inquiry.incident)) {
    std::size_t told = 0;
    for (const auto& spot : inlined_spots(cpu)) {
      // What the runtime inlines into itself is nobody's to change.
      if (model::is_runtime(symbols.text(cpu.profile->functions[spot.function].name))) continue;
      if (cpu.interval(spot.ns).low < kLeastShare || told == kMostFindings) break;
      tell(cpu, spot, symbols, findings);
      ++told;
    }
  }
}

}  // namespace

constinit const Rule kInlinedLeaf{
    .id = "cpu.inlined-leaf",
    .severity = Severity::Info,
    .summary = "CPU time is spent in an inlined call, where tools without inlining do not see it",
    .run = run,
};

}  // namespace gopsy::rules
