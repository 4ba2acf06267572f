#include <optional>

#include "rules/catalog.h"
#include "rules/explain.h"

namespace gopsy::rules {
namespace {

std::string capitalised(std::string_view text) {
  std::string out(text);
  out[0] = out[0] == 'c' ? 'C' : out[0];
  return out;
}

// Another goroutine whose innermost frames are a map operation, or that is stopped in the same function.
std::optional<Exhibit> other_goroutine_in_map(const Crash& crash) {
  if (crash.user == nullptr) return std::nullopt;
  for (const auto& goroutine : crash.traceback->goroutines) {
    if (&goroutine == crash.goroutine || goroutine.system || goroutine.frame_count == 0) continue;
    const auto frames = crash.traceback->frames_of(goroutine);
    const std::string_view leaf = crash.function(frames[0]);
    const bool in_map = leaf.starts_with("runtime.map") || leaf.starts_with("internal/runtime/maps.");
    if (!in_map && frames[0].function != crash.user->function) continue;
    return Exhibit{.text = fmt::format("goroutine {} [{}] is at the map too: {}", goroutine.id,
                                       crash.name(goroutine.state), at(*crash.symbols, frames[0])),
                   .path = crash.evidence->path,
                   .line = goroutine.log_line,
                   .goroutine = goroutine.id};
  }
  return std::nullopt;
}

bool explain(const Crash& crash, Finding& finding) {
  finding.title =
      fmt::format("{} in {}", crash.text.empty() ? "Concurrent map access" : capitalised(crash.text), place_of(crash));
  finding.why =
      "The map's own check saw a second goroutine inside it. This is a fatal error: no recover catches it, and the "
      "process ends because the map may already be damaged.";
  const auto other = other_goroutine_in_map(crash);
  if (other) {
    finding.evidence.push_back(*other);
    finding.why += " The log shows a second goroutine in a map operation: see the evidence.";
  } else {
    finding.why +=
        " The other goroutine is not in the log: since Go 1.26 only the one that noticed is printed unless "
        "GOTRACEBACK=all.";
  }
  finding.confirm =
      "Run the same load under the race detector: it names both accesses and where both goroutines were created.";
  finding.fix =
      "Guard the map with one Mutex or RWMutex for all its accesses (len and range included), use sync.Map for keys "
      "that are written once, or give the map to one goroutine and talk to it through a channel.";
  finding.next = "go test -race ./...";
  return true;
}

}  // namespace

constinit const Rule kConcurrentMap = crash_rule<CrashKind::ConcurrentMap, explain>(
    "crash.concurrent-map", Severity::Critical, "unsynchronised map access; both goroutines where the log has them");

}  // namespace gopsy::rules
