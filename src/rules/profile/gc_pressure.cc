#include <algorithm>

#include "analyze/heap_growth.h"
#include "rules/catalog.h"
#include "rules/explain.h"
#include "rules/gc/trace.h"
#include "rules/profile/words.h"

namespace gopsy::rules {
namespace {

// A mark phase gives a quarter of the CPUs to its workers (gcBackgroundUtilization, runtime/mgcpacer.go). A busy
// program whose collector has that much of all its CPU time marks nearly always; goroutines that have to assist wait
// for it.
constexpr double kLeastShare = 0.2;
constexpr double kLeastAssist = 0.05;

// The allocations of the same incident, heaviest place first.
void add_allocations(const model::Incident& incident, Finding& finding) {
  for (const auto& evidence : incident.evidence) {
    if (!evidence.profile) continue;
    const auto column = analyze::column_of(*evidence.profile, incident.symbols, "alloc_space");
    if (!column) continue;
    const auto heaviest = analyze::heaviest_place(*evidence.profile, *column, incident.symbols);
    if (heaviest.total <= 0) continue;
    finding.evidence.push_back(value_of(
        evidence, fmt::format("{} of all bytes ever allocated come from {}",
                              percent(static_cast<double>(heaviest.value) / static_cast<double>(heaviest.total)),
                              place_words(heaviest.place, incident.symbols))));
    return;
  }
}

void tell(const analyze::CpuProfile& cpu, const analyze::CollectorTime& time, const model::Incident& incident,
          std::vector<Finding>& findings) {
  Finding finding{.confidence = 0.85};
  const std::int64_t pressure = time.pressure_ns();
  const bool assists = cpu.interval(time.assist_ns).low >= kLeastAssist;
  finding.title =
      fmt::format("The garbage collector takes {} of the CPU time{}", percent(cpu.share(pressure)),
                  assists ? fmt::format(", {} of it from goroutines that allocate",
                                        percent(static_cast<double>(time.assist_ns) / static_cast<double>(pressure)))
                          : "");
  finding.why = fmt::format(
      "{} of all CPU time: {} in mark workers, {} in assists (goroutines that allocate faster than the workers mark "
      "are "
      "made to help, in the middle of a request), {} in sweeping and the rest. A mark phase is given a quarter of the "
      "CPUs, so a share like this means that one follows on the other. The allocator itself has {} more{}.",
      share_words(cpu, pressure), percent(cpu.share(time.background_ns)), percent(cpu.share(time.assist_ns)),
      percent(cpu.share(time.sweep_ns)), percent(cpu.share(time.allocation_ns)),
      time.idle_ns > 0
          ? fmt::format("; idle CPUs marked for another {}, which cost nothing", percent(cpu.share(time.idle_ns)))
          : "");
  finding.evidence.push_back(value_of(
      *cpu.evidence, fmt::format("{} of {} of CPU time under runtime.gcBgMarkWorker, gcAssistAlloc and the sweeper",
                                 human_duration(pressure), human_duration(cpu.total_ns))));
  add_allocations(incident, finding);
  add_traced_pressure(incident, finding);
  finding.confirm =
      "GODEBUG=gctrace=1 prints a line a cycle: its percentage is the collector's share since the start, and the three "
      "heap sizes say whether the goal is small (raise GOGC) or held down by GOMEMLIMIT (raise the limit).";
  finding.fix =
      "Allocate less where most bytes come from (reuse buffers, presize slices and maps, keep pointers out of hot "
      "values); or give the collector room: GOGC=200 halves its work for about half as much heap again, and GOMEMLIMIT "
      "keeps that from growing beyond the container.";
  finding.next = fmt::format("gopsy flame {} --focus {} -o gc.svg", shell_word(cpu.evidence->path),
                             shell_word("runtime.(mallocgc|gcAssistAlloc)"));
  findings.push_back(std::move(finding));
}

void run(Inquiry& inquiry, std::vector<Finding>& findings) {
  const std::size_t before = findings.size();
  for (const auto& cpu : analyze::cpu_profiles(inquiry.incident)) {
    const auto time = collector_time(cpu, inquiry.incident.symbols);
    if (cpu.interval(time.pressure_ns()).low >= kLeastShare || cpu.interval(time.assist_ns).low >= kLeastAssist)
      tell(cpu, time, inquiry.incident, findings);
  }
  // The lines of gctrace and a profile tell of one thing.
  if (findings.size() != before) return;
  if (auto finding = traced_pressure(inquiry.incident)) {
    add_allocations(inquiry.incident, *finding);
    findings.push_back(*std::move(finding));
  }
}

}  // namespace

constinit const Rule kGcPressure{
    .id = "gc.pressure",
    .severity = Severity::Warning,
    .summary = "the collector takes a large share, or the heap is at its limit",
    .run = run,
};

}  // namespace gopsy::rules
