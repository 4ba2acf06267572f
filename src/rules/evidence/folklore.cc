#include <algorithm>
#include <array>
#include <optional>

#include "rules/catalog.h"
#include "rules/explain.h"

namespace gopsy::rules {
namespace {

struct Belief {
  std::string_view setting;
  std::string_view truth;
};

// Settings that people write into unit files and that no runtime from Go 1.10 to 1.27 reads (dbgvars in
// runtime/runtime1.go, internal/godebugs), or that were taken out. Unknown keys are ignored in silence.
constexpr std::array kBeliefs{
    Belief{"catchpanics",
           "no runtime has ever had GODEBUG=catchpanics: unknown keys are ignored without a word. A panic is caught by "
           "a deferred recover on its own goroutine, and by nothing else."},
    Belief{"allocfreetrace",
           "GODEBUG=allocfreetrace was removed in Go 1.23; use the heap profile with -memprofilerate=1 or an execution "
           "trace."},
    Belief{"gcrescanstacks", "GODEBUG=gcrescanstacks was removed in Go 1.9; stacks are not rescanned."},
    Belief{"cgocheck=2",
           "GODEBUG=cgocheck=2 stops the program at start since Go 1.21; build with GOEXPERIMENT=cgocheck2 instead."},
    Belief{"madvdontneed=0",
           "since Go 1.16 the runtime returns memory with MADV_DONTNEED by default; madvdontneed=0 makes RSS look "
           "higher, not the program faster."},
};

// The value of NAME=… in `line`, up to a blank or quote.
std::optional<std::string_view> value_of(std::string_view line, std::string_view name) {
  const auto at_name = line.find(name);
  if (at_name == std::string_view::npos) return std::nullopt;
  std::string_view value = line.substr(at_name + name.size());
  return value.substr(0, value.find_first_of(" \t\"'`"));
}

std::optional<std::string> misbelief(std::string_view line) {
  if (const auto settings = value_of(line, "GODEBUG=")) {
    const auto believed =
        std::ranges::find_if(kBeliefs, [&](const Belief& belief) { return settings->contains(belief.setting); });
    if (believed != kBeliefs.end()) return std::string(believed->truth);
  }
  if (const auto level = value_of(line, "GOTRACEBACK=")) {
    constexpr std::array<std::string_view, 9> kLevels{"none", "single", "all", "system", "crash", "wer", "0", "1", "2"};
    if (std::ranges::find(kLevels, *level) == kLevels.end())
      return fmt::format(
          "GOTRACEBACK={} is no level: none (0), single, all (1), system (2), crash and, on Windows, wer are; any "
          "other word means single.",
          shorten(*level, 40));
  }
  return std::nullopt;
}

void run(Inquiry& inquiry, std::vector<Finding>& findings) {
  for (const auto& evidence : inquiry.incident.evidence) {
    if (!evidence.log) continue;
    for (const auto& notice : evidence.log->notices) {
      const std::string_view text = inquiry.incident.symbols.text(notice.text);
      const auto truth = misbelief(text);
      if (!truth) continue;
      Finding finding{.confidence = 0.95};
      finding.title = "A setting in the log does not do what is believed";
      finding.why = *truth;
      finding.evidence.push_back({.text = shorten(text, 200), .path = evidence.path, .line = notice.number});
      finding.confirm =
          "The list of settings that exist is in the documentation of package runtime and of GODEBUG for the Go "
          "version in use.";
      finding.fix = "Remove the setting, so that nobody relies on it.";
      finding.next = "go doc runtime | sed -n '/GODEBUG/,/GOTRACEBACK/p'";
      findings.push_back(std::move(finding));
    }
  }
}

}  // namespace

constinit const Rule kFolklore{
    .id = "evidence.folklore",
    .severity = Severity::Info,
    .summary = "a setting in the evidence does not exist or does not do what is believed (GODEBUG=catchpanics, ...)",
    .run = run,
};

}  // namespace gopsy::rules
