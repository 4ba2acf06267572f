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

// Another goroutine that is in the map too: for certain if its innermost frame is a map operation, perhaps if it is
// stopped in the same function of the program.
struct Other {
  Exhibit exhibit;
  bool in_map = false;
};

std::optional<Other> other_goroutine(const Crash& crash) {
  std::optional<Other> found;
  if (crash.user == nullptr) return found;
  for (const auto& goroutine : crash.traceback->goroutines) {
    if (&goroutine == crash.goroutine || goroutine.system || goroutine.frame_count == 0) continue;
    const auto frames = crash.traceback->frames_of(goroutine);
    const std::string_view leaf = crash.function(frames[0]);
    const bool in_map = leaf.starts_with("runtime.map") || leaf.starts_with("internal/runtime/maps.");
    if (!in_map && (found || frames[0].function != crash.user->function)) continue;
    found = {.exhibit = {.text = fmt::format("goroutine {} [{}] {}: {}", goroutine.id, crash.name(goroutine.state),
                                             in_map ? "is in a map operation too" : "runs the same function",
                                             at(*crash.symbols, frames[0])),
                         .path = crash.evidence->path,
                         .line = goroutine.log_line,
                         .goroutine = goroutine.id},
             .in_map = in_map};
    if (in_map) break;
  }
  return found;
}

bool explain(const Crash& crash, Finding& finding) {
  finding.title =
      fmt::format("{} in {}", crash.text.empty() ? "Concurrent map access" : capitalised(crash.text), place_of(crash));
  finding.why =
      "The map's own check saw a second goroutine inside it. This is a fatal error: no recover catches it, and the "
      "process ends because the map may already be damaged.";
  const auto other = other_goroutine(crash);
  if (other) {
    finding.evidence.push_back(other->exhibit);
    finding.why += other->in_map ? " The log shows a second goroutine in a map operation: see the evidence."
                                 : " The log shows another goroutine in the same function: the likely second party.";
  } else if (crash.traceback->goroutines.size() > 1) {
    finding.why += " No other goroutine of the log stands in a map operation: it had left the map when it was stopped.";
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
