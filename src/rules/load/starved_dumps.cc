#include "rules/load/starved_dumps.h"

#include <algorithm>
#include <string_view>

#include "analyze/goroutine_groups.h"
#include "rules/explain.h"

namespace gopsy::rules {
namespace {

// Four for each of 256 CPUs: docs/rules/load.cpu-starvation.md.
constexpr std::uint64_t kFewestRunnable = 1024;
constexpr std::size_t kPlacesShown = 3;

struct Load {
  std::uint64_t runnable = 0;
  std::uint64_t running = 0;
  std::uint64_t others = 0;
  std::vector<std::uint32_t> rows;  // the runnable ones
};

Load load_of(const analyze::Snapshot& snapshot) {
  Load load;
  const auto& goroutines = snapshot.traceback->goroutines;
  for (std::uint32_t row = 0; row < goroutines.size(); ++row) {
    if (snapshot.of_runtime(goroutines[row])) continue;
    switch (goroutines[row].wait) {
      case model::WaitKind::Runnable:
        ++load.runnable;
        load.rows.push_back(row);
        break;
      case model::WaitKind::Running: ++load.running; break;
      default: ++load.others;
    }
  }
  return load;
}

void add_places(const analyze::Snapshot& snapshot, const Load& load, const model::Symbols& symbols, Finding& finding) {
  const auto places = analyze::group_goroutines(snapshot, load.rows, {.by = analyze::GroupBy::Site}, symbols);
  for (std::size_t i = 0; i < std::min(places.groups.size(), kPlacesShown); ++i) {
    const auto& group = places.groups[i];
    const auto& first = snapshot.traceback->goroutines[group.rows.front()];
    const auto* user = snapshot.facts[group.rows.front()].user;
    finding.evidence.push_back(
        {.text = fmt::format("{} in [{}] in {}", counted(group.count, "goroutine"), symbols.text(first.state),
                             user == nullptr ? std::string("an unprinted frame") : at(symbols, *user)),
         .path = snapshot.evidence->path,
         .line = first.log_line,
         .goroutine = first.id});
  }
}

// A second dump of the process in which they queue as well.
bool lasts(Inquiry& inquiry, std::size_t snapshot) {
  for (const auto& growth : inquiry.growth()) {
    if (std::ranges::find(growth.order, snapshot) == growth.order.end()) continue;
    return std::ranges::any_of(growth.order, [&](std::size_t other) {
      return other != snapshot && load_of(inquiry.snapshots()[other]).runnable >= kFewestRunnable;
    });
  }
  return false;
}

}  // namespace

void find_starved_dumps(Inquiry& inquiry, std::vector<Finding>& findings) {
  const auto& snapshots = inquiry.snapshots();
  std::size_t most = 0;
  Load load;
  for (std::size_t i = 0; i < snapshots.size(); ++i) {
    if (snapshots[i].is_profile()) continue;
    Load one = load_of(snapshots[i]);
    if (one.runnable <= load.runnable) continue;
    load = std::move(one);
    most = i;
  }
  if (load.runnable < kFewestRunnable) return;
  const analyze::Snapshot& snapshot = snapshots[most];
  const bool again = lasts(inquiry, most);
  Finding finding{.confidence = again ? 0.85 : 0.6};
  finding.title =
      fmt::format("{} are ready to run and wait for a CPU, in {}", counted(load.runnable, "goroutine"), snapshot.name);
  add_places(snapshot, load, inquiry.incident.symbols, finding);
  finding.why = fmt::format(
      "A runnable goroutine lacks nothing but a CPU. At most GOMAXPROCS run at a time ({} here say running), each for "
      "up to "
      "10 ms before it is made to yield, so even with 64 CPUs the last of {} waits some {} ms for its next turn, and "
      "every "
      "latency in the process grows by that. It is load, not a leak: they end when they get to run. {}",
      with_commas(load.running), with_commas(load.runnable), with_commas(load.runnable * 10 / 64),
      again ? "Another dump of this process shows the same, so it is no burst."
            : "One dump cannot tell a lasting queue from a burst, such as a broadcast that woke all waiters.");
  finding.confirm =
      "A second dump, or GODEBUG=schedtrace=1000: runqueue and the numbers in brackets stay high while idleprocs "
      "is 0. In a container compare its CPU limit with GOMAXPROCS (Go before 1.25 takes the machine's CPUs).";
  finding.fix =
      "Limit how many are let in at once (a semaphore of a few per CPU in front of the work), shed load early, and "
      "take what a CPU profile shows off the hot path.";
  finding.next = fmt::format("gopsy goroutines {} --group site --filter 'state == \"runnable\"'",
                             shell_word(snapshot.evidence->path));
  findings.push_back(std::move(finding));
}

}  // namespace gopsy::rules
