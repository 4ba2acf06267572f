#include "rules/gc/trace.h"

#include <algorithm>

#include "rules/explain.h"
#include "rules/profile/words.h"

namespace gopsy::rules {
namespace {

using analyze::GcReport;
using analyze::GcWindow;

// The stretch that speaks for the run: a spiral says why, a window only how much.
const GcWindow& stretch_of(const GcReport& report) { return report.spiral ? *report.spiral : *report.worst; }

double pressure_of(const GcReport& report) {
  return analyze::collector_presses(report) ? std::max(stretch_of(report).share, 1e-9) : 0;
}

std::string stretch_words(const GcWindow& window) {
  return fmt::format("from {} to {} after its start", human_duration(window.from_ns), human_duration(window.to_ns));
}

// Why a cycle follows so soon on the one before.
std::string cause_of(const GcReport& report) {
  std::string limit;
  if (report.limit)
    limit = fmt::format(" GOMEMLIMIT is {}, and live heap, stacks and globals are at {} of it.",
                        human_bytes(report.limit->bytes), percent(report.limit->live));
  if (report.spiral)
    return fmt::format(
        "The goal stands within a tenth of what survives a collection, so the heap is full again as soon as it is "
        "swept, and the next cycle begins.{}",
        report.limit
            ? limit +
                  " The limit holds the goal down; a limiter (gcCPULimiter) lets the heap pass it only once "
                  "the collector has half of the CPUs."
            : " Either GOMEMLIMIT holds it down, and then a limiter (gcCPULimiter) lets the heap grow only once "
              "the collector has half of the CPUs, or GOGC is 10 or less.");
  std::string text = fmt::format(
      "The program allocates {} MiB a second over a live heap of {} MiB, which makes {:.3g} cycles a second.",
      static_cast<std::uint64_t>(report.allocated_mib_per_second), report.live_median_mib, report.cycles_per_second);
  constexpr double kSmallGogc = 50;
  if (report.gogc && *report.gogc < kSmallGogc)
    text += fmt::format(" The goals follow GOGC={:.0f}: the heap may grow by so many percent only between two cycles.",
                        *report.gogc);
  return text + limit;
}

}  // namespace

std::vector<ChosenRun> choose_runs(const model::Incident& incident, double (*matters)(const GcReport&)) {
  std::vector<ChosenRun> chosen;
  double most = 0;
  for (auto& run : analyze::runtime_runs(incident)) {
    if (run.cycles.empty()) continue;
    GcReport report = analyze::gc_report(run, incident.symbols, 0);
    const double weight = matters(report);
    if (weight <= 0) continue;
    if (chosen.empty() || chosen.back().traced.run.evidence != run.evidence) {
      chosen.push_back({.traced = {.run = std::move(run), .report = std::move(report)}});
      most = weight;
      continue;
    }
    ++chosen.back().others;
    if (weight <= most) continue;
    chosen.back().traced = {.run = std::move(run), .report = std::move(report)};
    most = weight;
  }
  return chosen;
}

std::string other_runs(const ChosenRun& chosen) {
  return chosen.others == 0
             ? ""
             : fmt::format(" It is so in {} of the process in this log too.", counted(chosen.others, "other run"));
}

Exhibit cycle_at(const TracedRun& traced, std::uint32_t line, std::string_view role) {
  const auto found = std::ranges::find(traced.run.cycles, line, &model::GcCycle::line);
  if (found == traced.run.cycles.end()) return {.path = traced.run.evidence->path, .line = line};
  const model::GcCycle& c = **found;
  return {.text = fmt::format("{}: gc {} @{:.3f}s {}%: {}->{}->{} MB, {} MB goal, {} P", role, c.number,
                              static_cast<double>(c.start_ns) / 1e9, c.percent, c.heap_start_mib, c.heap_end_mib,
                              c.heap_live_mib, c.goal_mib, c.procs),
          .path = traced.run.evidence->path,
          .line = line};
}

std::optional<Finding> traced_pressure(const model::Incident& incident) {
  const auto chosen = choose_runs(incident, pressure_of);
  if (chosen.empty()) return std::nullopt;
  const auto worst =
      std::ranges::max_element(chosen, {}, [](const ChosenRun& each) { return pressure_of(each.traced.report); });
  const TracedRun& traced = worst->traced;
  const GcReport& report = traced.report;
  const GcWindow& window = stretch_of(report);
  Finding finding{.confidence = report.spiral ? 0.9 : 0.85};
  const std::string cpus = counted(report.procs, "CPU");
  finding.title =
      report.spiral
          ? fmt::format("The heap has no room: {} one after the other take {} of {} {}",
                        counted(window.cycles, "collection"), percent(window.share), cpus, stretch_words(window))
          : fmt::format("The garbage collector takes {} of {} {}{}", percent(window.share), cpus, stretch_words(window),
                        window.assist >= 0.05 ? fmt::format(", {} of it from goroutines that allocate",
                                                            percent(window.assist / window.share))
                                              : "");
  finding.why = fmt::format(
      "Marking took {} of what GOMAXPROCS={} gives in that time, in {}, idle CPUs and stops not counted; {} were "
      "assists, goroutines made to mark before they may allocate, in the middle of a request. A mark phase is given a "
      "quarter of the CPUs. {} The percentage that the last line prints, {} %, is the mean since the start of the "
      "process.{}",
      percent(window.share), report.procs, counted(window.cycles, "cycle"), percent(window.assist), cause_of(report),
      report.percent, other_runs(*worst));
  finding.evidence.push_back(cycle_at(traced, window.first_line, "the first of them"));
  finding.evidence.push_back(cycle_at(traced, window.last_line, "the last"));
  if (report.limit && report.limit->line != 0)
    finding.evidence.push_back({.text = fmt::format("GOMEMLIMIT={}", human_bytes(report.limit->bytes)),
                                .path = traced.run.evidence->path,
                                .line = report.limit->line});
  finding.confirm =
      "A CPU profile of the same time: samples under runtime.gcBgMarkWorker and runtime.gcAssistAlloc, and who "
      "allocates. A heap profile says what fills the live heap.";
  finding.fix =
      report.spiral
          ? "Give it room: raise GOMEMLIMIT (and the container's limit with it) or GOGC, or keep less alive. A "
            "memory limit below what the program needs does not make it need less."
          : "Allocate less where most bytes come from (reuse buffers, presize slices and maps, keep pointers out of "
            "hot "
            "values); or give the collector room: GOGC=200 halves its work for about half as much heap again, and "
            "GOMEMLIMIT keeps that from growing beyond the container.";
  finding.next = fmt::format("gopsy runtime {} -o gc.svg", shell_word(traced.run.evidence->path));
  return finding;
}

void add_traced_pressure(const model::Incident& incident, Finding& finding) {
  for (const auto& chosen : choose_runs(incident, pressure_of)) {
    const GcWindow& window = stretch_of(chosen.traced.report);
    finding.evidence.push_back({.text = fmt::format("gctrace: {} of {} {}, by {}", percent(window.share),
                                                    counted(chosen.traced.report.procs, "CPU"), stretch_words(window),
                                                    counted(window.cycles, "cycle")),
                                .path = chosen.traced.run.evidence->path,
                                .line = window.first_line});
  }
}

}  // namespace gopsy::rules
