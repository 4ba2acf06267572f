#include <algorithm>

#include "rules/catalog.h"
#include "rules/explain.h"
#include "rules/profile/words.h"

namespace gopsy::rules {
namespace {

// Of all CPU time, what a path must have, and the share of its end's time that a callee must have to be named.
constexpr double kLeastShare = 0.2;
constexpr double kTrunk = 0.9;
constexpr double kLargePart = 0.25;
constexpr std::size_t kFramesShown = 8;
constexpr std::size_t kCalleesShown = 3;

// The end of the path: "→" between its frames, the first ones left out where there are many.
std::string path_words(const analyze::CpuProfile& cpu, const analyze::HotPath& path, const model::Symbols& symbols) {
  std::vector<std::string> steps;  // from the end; a function that calls itself is one
  std::size_t i = path.functions.size();
  while (i > 0 && steps.size() < kFramesShown) {
    const std::uint32_t function = path.functions[i - 1];
    std::size_t times = 0;
    for (; i > 0 && path.functions[i - 1] == function; --i) ++times;
    steps.push_back(name_of(*cpu.profile, symbols, function) + (times > 1 ? fmt::format(" ({} deep)", times) : ""));
  }
  if (i > 0) steps.push_back(fmt::format("({})", counted(i, "frame", "frames")));
  std::ranges::reverse(steps);
  return join(steps, " → ");
}

std::string below_words(const analyze::CpuProfile& cpu, const analyze::HotPath& path, const model::Symbols& symbols) {
  std::vector<std::string> parts;
  if (path.itself_ns > 0) parts.push_back(fmt::format("{} in itself", percent(cpu.share(path.itself_ns))));
  for (const auto& callee : path.callees) {
    if (parts.size() == kCalleesShown + 1) break;
    parts.push_back(
        fmt::format("{} in {}", percent(cpu.share(callee.ns)), name_of(*cpu.profile, symbols, callee.function)));
  }
  return join(parts, ", ");
}

// How many CPUs the process kept busy while it was watched.
std::string busy_words(const analyze::CpuProfile& cpu) {
  if (cpu.profile->duration_ns <= 0) return {};
  const double cpus = static_cast<double>(cpu.total_ns) / static_cast<double>(cpu.profile->duration_ns);
  return fmt::format(" The process kept {:.2f} CPUs busy for {}.", cpus, human_duration(cpu.profile->duration_ns));
}

// The path may end in a library: the last function on it that is the program's own, which its people can change.
std::string own_words(const analyze::CpuProfile& cpu, const analyze::HotPath& path, const model::Symbols& symbols) {
  for (std::size_t i = path.functions.size(); i-- > 0;) {
    if (model::is_standard_library(symbols.text(cpu.profile->functions[path.functions[i]].name))) continue;
    if (i + 1 == path.functions.size()) return {};
    return fmt::format(", under {} ({})", name_of(*cpu.profile, symbols, path.functions[i]),
                       percent(cpu.share(path.reached[i])));
  }
  return {};
}

void tell(const analyze::CpuProfile& cpu, const model::Symbols& symbols, std::vector<Finding>& findings) {
  const analyze::HotPath path = hot_path(cpu, kLeastShare, symbols);
  if (path.functions.empty()) return;
  const bool itself = path.itself_ns * 2 >= path.ns;
  // What nearly everything passes through, and falls apart into many small parts, is the trunk of any program.
  const std::int64_t largest = std::max(path.itself_ns, path.callees.empty() ? 0 : path.callees.front().ns);
  if (cpu.share(path.ns) > kTrunk && cpu.share(largest) < kLargePart) return;
  const std::string end = name_of(*cpu.profile, symbols, path.functions.back());
  Finding finding{.confidence = 0.9};
  finding.title = fmt::format("{} of the CPU time {} {}{}", percent(cpu.share(path.ns)),
                              itself ? "is spent in" : "passes through", end, own_words(cpu, path, symbols));
  finding.why = fmt::format(
      "From the root, one callee has at least half of its caller's time down to {}: {} of all CPU time, at 95 % "
      "confidence from {:.0f} samples. {}: {}.{}",
      end, share_words(cpu, path.ns), cpu.samples, itself ? "It is spent there" : "There it falls apart",
      below_words(cpu, path, symbols), busy_words(cpu));
  finding.evidence.push_back(value_of(*cpu.evidence, path_words(cpu, path, symbols)));
  finding.confirm =
      "A second profile under the same load: the share lies in the interval if the load is the same. What waits is "
      "not in a CPU profile: if requests are slow while CPUs are idle, look at a goroutine dump or a block profile.";
  finding.fix =
      itself
          ? fmt::format("Look at its lines: the next command lists them. At most {} of the CPU time can be won there.",
                        percent(cpu.share(path.itself_ns)))
          : "Call it less often, or make the heaviest of what it calls cheaper; the flame graph shows the parts.";
  finding.next =
      itself ? fmt::format(
                   "gopsy pprof -list={} {}",
                   shell_word("^" +
                              regex_of(std::string(symbols.text(cpu.profile->functions[path.functions.back()].name))) +
                              "$"),
                   shell_word(cpu.evidence->path))
             : fmt::format("gopsy flame {} --focus {} -o cpu.svg", shell_word(cpu.evidence->path),
                           shell_word(regex_of(end)));
  findings.push_back(std::move(finding));
}

void run(Inquiry& inquiry, std::vector<Finding>& findings) {
  for (const auto& cpu : analyze::cpu_profiles(inquiry.incident)) tell(cpu, inquiry.incident.symbols, findings);
}

}  // namespace

constinit const Rule kCpuHotPath{
    .id = "cpu.hot-path",
    .severity = Severity::Info,
    .summary = "one path has a large share of the CPU time: which, how much, and where it falls apart",
    .run = run,
};

}  // namespace gopsy::rules
