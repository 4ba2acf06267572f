#include "rules/catalog.h"
#include "rules/trace/traces.h"

namespace gopsy::rules {
namespace {

// A turn lasts up to 10 ms: with four in the queue of each P, the next turn is up to 40 ms away.
constexpr double kQueuedForEachP = 4;
constexpr double kLeastShare = 0.5;
// A burst, or a batch that starts, is no starvation.
constexpr std::int64_t kLeastNs = 1'000'000'000;

void explain(const Trace& trace, std::vector<Finding>& findings) {
  const auto& load = trace.facts.signs.load;
  if (load.full_ns < kLeastNs || load.procs == 0) return;
  const double share = static_cast<double>(load.full_ns) / static_cast<double>(load.counted_ns);
  const double queued = load.full_queue_ns / static_cast<double>(load.full_ns);
  if (share < kLeastShare || queued < kQueuedForEachP * static_cast<double>(load.procs)) return;
  Finding finding{.confidence = 0.9};
  finding.title = fmt::format("{:.0f} runnable goroutines queue for {}, which were all busy for {} of the time", queued,
                              counted(load.procs, "P"), percent(share));
  finding.why = fmt::format(
      "For {} of {} every P was busy and {:.1f} goroutines that could run waited for one, on average ({} at most): "
      "{:.1f} "
      "for each P. A goroutine may keep its P for 10 ms, so the next turn is up to {} away, and every latency grows by "
      "that. They are ready, not blocked.{}",
      human_duration(load.full_ns), human_duration(load.counted_ns), queued, with_commas(load.most_queued),
      queued / static_cast<double>(load.procs),
      human_duration(static_cast<std::int64_t>(queued / static_cast<double>(load.procs) * 1e7)),
      load.procs_changes == 0 ? ""
                              : fmt::format(" GOMAXPROCS changed {} meanwhile.", counted(load.procs_changes, "time")));
  finding.evidence.push_back(
      trace.exhibit(fmt::format("the longest stretch without an idle P: {}, from {} on",
                                human_duration(load.longest_full_ns), trace.moment(load.longest_full_at_ns))));
  const auto& functions = trace.facts.times.functions;
  for (std::size_t i = 0; i < std::min<std::size_t>(functions.size(), 3); ++i)
    finding.evidence.push_back(trace.exhibit(
        fmt::format("{} ran {} in {}, and waited {} for a P",
                    functions[i].name.empty() ? "a function without a name" : functions[i].name,
                    human_duration(functions[i].states.running_ns), counted(functions[i].goroutines, "goroutine"),
                    human_duration(functions[i].states.runnable_ns))));
  finding.confirm =
      "A CPU profile of the same time says what runs. In a container compare its CPU limit with GOMAXPROCS.";
  finding.fix = "A bound on what is done at once (a few goroutines a P), less work for each, or more CPUs.";
  finding.next = trace.command();
  findings.push_back(std::move(finding));
}

}  // namespace

constinit const Rule kTraceStarvation = trace_rule<explain>(
    "trace.starvation", Severity::Warning, "runnable goroutines queue while all Ps are busy, for most of the trace");

}  // namespace gopsy::rules
