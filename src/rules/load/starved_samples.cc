#include "rules/load/starved_samples.h"

#include <algorithm>

#include "analyze/scheduler_report.h"
#include "rules/explain.h"

namespace gopsy::rules {
namespace {

using analyze::Starvation;

struct Starved {
  const model::Evidence* evidence = nullptr;
  Starvation longest;
  std::size_t stretches = 0;
  std::int64_t total_ns = 0;
};

std::vector<Starved> starved_logs(const model::Incident& incident) {
  std::vector<Starved> logs;
  for (const auto& run : analyze::runtime_runs(incident)) {
    for (const Starvation& stretch : analyze::starvations(run)) {
      if (logs.empty() || logs.back().evidence != run.evidence) logs.push_back({.evidence = run.evidence});
      Starved& log = logs.back();
      ++log.stretches;
      log.total_ns += stretch.to_ns - stretch.from_ns;
      if (stretch.to_ns - stretch.from_ns > log.longest.to_ns - log.longest.from_ns) log.longest = stretch;
    }
  }
  return logs;
}

void tell(const Starved& log, std::vector<Finding>& findings) {
  const Starvation& s = log.longest;
  Finding finding{.confidence = 0.7};
  finding.title = fmt::format("{} wait for {}: no CPU was idle for {}", counted(s.median_queued, "runnable goroutine"),
                              counted(s.procs, "CPU"), human_duration(s.to_ns - s.from_ns));
  finding.why = fmt::format(
      "In {} one after the other (from {} to {}) no P was idle and the queues held {} runnable goroutines (the median; "
      "at most {}), {} for each P of GOMAXPROCS={}. A turn lasts up to 10 ms, so each of them waits for up to {} "
      "before it runs. They are ready, not blocked: this is load, not a leak and not a deadlock.{}",
      counted(s.samples, "sample"), human_duration(s.from_ns), human_duration(s.to_ns), with_commas(s.median_queued),
      with_commas(s.most_queued), with_commas(s.median_queued / s.procs), s.procs,
      human_duration(
          static_cast<std::int64_t>(std::min<std::uint64_t>(s.median_queued / s.procs, 1'000'000) * 10'000'000)),
      log.stretches == 1
          ? ""
          : fmt::format(" It is the longest of {}, {} in all.",
                        counted(log.stretches, "such stretch", "such stretches"), human_duration(log.total_ns)));
  finding.evidence.push_back(
      {.text = fmt::format("the first of these samples, {} after the start", human_duration(s.from_ns)),
       .path = log.evidence->path,
       .line = s.first_line});
  finding.evidence.push_back({.text = fmt::format("the last, after {}", human_duration(s.to_ns)),
                              .path = log.evidence->path,
                              .line = s.last_line});
  finding.confirm =
      "A CPU profile of that time: what runs. In a container, nr_throttled in cpu.stat: whether the quota is below "
      "GOMAXPROCS. Programs that keep more goroutines ready than CPUs by design (a parallel batch) look the same and "
      "are well.";
  finding.fix =
      "Do less at once (a bound on requests or workers), do it cheaper where the profile says, or give it CPUs. Set "
      "GOMAXPROCS to the quota (Go 1.25 does): more Ps than CPUs make the waits longer.";
  finding.next = fmt::format("gopsy runtime {} -o load.svg", shell_word(log.evidence->path));
  findings.push_back(std::move(finding));
}

}  // namespace

void find_starved_samples(Inquiry& inquiry, std::vector<Finding>& findings) {
  for (const Starved& log : starved_logs(inquiry.incident)) tell(log, findings);
}

}  // namespace gopsy::rules
