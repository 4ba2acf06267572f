#include "analyze/stack_tree.h"
#include "analyze/truncation.h"
#include "rules/catalog.h"
#include "rules/explain.h"
#include "rules/profile/words.h"

namespace gopsy::rules {
namespace {

constexpr double kLeastShare = 0.01;
constexpr unsigned kDeepStacks = 23;  // Go 1.23: 128 frames instead of 32, and GODEBUG=profstackdepth
constexpr std::uint32_t kOldLimit = 32;
constexpr std::uint32_t kNewLimit = 128;

struct Cut {
  std::uint32_t limit = 0;
  std::int64_t weight = 0;
  std::int64_t total = 0;
  std::uint64_t stacks = 0;
};

Cut cut_stacks(const model::Profile& profile, const model::Symbols& symbols) {
  const std::size_t column = profile.default_column();
  const analyze::StackTree tree = analyze::stack_tree(profile);
  const analyze::Truncation truncation(profile, tree, column, symbols);
  Cut cut{.limit = truncation.limit()};
  for (std::size_t i = 0; i < profile.sample_count(); ++i) {
    cut.total = analyze::saturating_sum(cut.total, profile.value(i, column));
    if (!truncation.cut(tree.stacks[i])) continue;
    cut.weight = analyze::saturating_sum(cut.weight, profile.value(i, column));
    ++cut.stacks;
  }
  return cut;
}

// What really helps, in the version that wrote the profile.
std::string remedy(bool is_cpu, std::uint32_t limit, const model::GoVersion& version) {
  if (is_cpu) {
    return "No setting helps: the CPU profiler keeps 64 frames in every version of Go up to 1.26 (maxCPUProfStack, "
           "runtime/cpuprof.go), and GODEBUG=profstackdepth does not reach it. Sample with perf (perf record -g "
           "--call-graph fp; frames of Go have frame pointers), or take the recursion out of the hot path.";
  }
  if (version.newest != 0 ? version.newest < kDeepStacks : limit == kOldLimit) {
    return "Before Go 1.23 the limit of 32 frames is fixed (maxStack, runtime/mprof.go). Build with Go 1.23 or later: "
           "it keeps 128, and GODEBUG=profstackdepth=1024 makes them up to 1024.";
  }
  if (version.oldest >= kDeepStacks || limit >= kNewLimit) {
    return "GODEBUG=profstackdepth=1024 in the environment of the process keeps up to 1024 frames (Go 1.23 and later, "
           "for heap, allocs, block, mutex and goroutine profiles); it takes effect at start.";
  }
  return "From Go 1.23 on, GODEBUG=profstackdepth=1024 at start keeps up to 1024 frames; before, the limit of 32 is "
         "fixed.";
}

void run(Inquiry& inquiry, std::vector<Finding>& findings) {
  const model::Symbols& symbols = inquiry.incident.symbols;
  for (const auto& evidence : inquiry.incident.evidence) {
    if (!evidence.profile || evidence.profile->types.empty()) continue;
    const Cut cut = cut_stacks(*evidence.profile, symbols);
    if (cut.stacks == 0 || static_cast<double>(cut.weight) < kLeastShare * static_cast<double>(cut.total)) continue;
    const bool is_cpu = symbols.text(evidence.profile->period_type.type) == "cpu";
    Finding finding{.confidence = cut.stacks > 1 ? 0.9 : 0.7};
    finding.title = fmt::format("{} cut at {} frames: what called them is lost",
                                counted(cut.stacks, "stack is", "stacks are"), cut.limit);
    finding.why = fmt::format(
        "They are exactly as deep as the profiler's limit, and begin in functions that start no goroutine of this "
        "profile. {} of its weight has no root, so callers' sums and flame graphs are too low at the bottom.",
        percent(static_cast<double>(cut.weight) / static_cast<double>(cut.total)));
    finding.evidence.push_back(
        value_of(evidence, fmt::format("{} of {} {}", counted(cut.stacks, "stack", "stacks"),
                                       evidence.profile->sample_count(), cut.stacks == 1 ? "is cut" : "are cut")));
    finding.confirm = "`gopsy flame` shows them under a frame of their own, [truncated at N].";
    finding.fix = remedy(is_cpu, cut.limit, evidence.go_version);
    finding.next = fmt::format("gopsy flame {} --focus truncated -o truncated.svg", shell_word(evidence.path));
    findings.push_back(std::move(finding));
  }
}

}  // namespace

constinit const Rule kTruncatedStacks{
    .id = "evidence.truncated-stacks",
    .severity = Severity::Info,
    .summary = "stacks of a profile are cut at the profiler's limit, and what lifts it in that version of Go",
    .run = run,
};

}  // namespace gopsy::rules
