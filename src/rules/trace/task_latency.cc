#include <algorithm>

#include "rules/catalog.h"
#include "rules/trace/traces.h"

namespace gopsy::rules {
namespace {

using model::TraceTaskType;

// Fewer have no tail to speak of.
constexpr std::uint64_t kFewest = 20;
// The slowest are that many times slower than the usual one.
constexpr std::int64_t kTail = 10;
constexpr std::size_t kShown = 3;

std::string spent_words(const TraceTaskType& type) {
  const auto& spent = type.spent;
  const std::int64_t all = spent.states.sum_ns();
  if (all <= 0) return {};
  std::string text = fmt::format(
      " Those who worked for them ran for {}, were runnable for {}, in system calls for {} and blocked for {} of that "
      "time",
      percent(static_cast<double>(spent.states.running_ns) / static_cast<double>(all)),
      percent(static_cast<double>(spent.states.runnable_ns) / static_cast<double>(all)),
      percent(static_cast<double>(spent.states.syscall_ns) / static_cast<double>(all)),
      percent(static_cast<double>(spent.states.waiting_ns) / static_cast<double>(all)));
  if (!spent.blocked.empty())
    text += fmt::format(", most of it with the reason \"{}\" ({})", spent.blocked[0].reason,
                        human_duration(spent.blocked[0].ns));
  return text + ".";
}

void tell_tail(const Trace& trace, const TraceTaskType& type, std::vector<Finding>& findings) {
  const auto& took = type.durations;
  Finding finding{.confidence = 0.8};
  finding.title = fmt::format("One in a hundred tasks \"{}\" takes {}, {} times the usual {}", type.name,
                              human_duration(took.p99_ns), took.p99_ns / std::max<std::int64_t>(took.p50_ns, 1),
                              human_duration(took.p50_ns));
  finding.why = fmt::format(
      "{} were seen from begin to end: {} at the median, {} at the 90th percentile, {} at the 99th, {} "
      "at most.{}",
      counted(took.count, "task"), human_duration(took.p50_ns), human_duration(took.p90_ns),
      human_duration(took.p99_ns), human_duration(took.longest_ns), spent_words(type));
  for (std::size_t i = 0; i < std::min(type.longest.size(), kShown); ++i)
    finding.evidence.push_back(
        trace.exhibit(fmt::format("task {}: {} from {} on", type.longest[i].task,
                                  human_duration(type.longest[i].end_ns - type.longest[i].begin_ns),
                                  trace.moment(type.longest[i].begin_ns)),
                      type.longest[i].goid));
  finding.confirm = "The chain of causes of one of these tasks, against that of a usual one.";
  finding.fix =
      "What the slow ones wait for and the others do not: a lock, a queue for a P, the collector, another service.";
  finding.next = trace.command("--tasks");
  findings.push_back(std::move(finding));
}

void tell_open(const Trace& trace, const TraceTaskType& type, std::int64_t age_ns, std::vector<Finding>& findings) {
  Finding finding{.confidence = 0.8};
  finding.title = fmt::format("{} \"{}\" never ended, the oldest {} old when the trace ends",
                              counted(type.unended, "task"), type.name, human_duration(age_ns));
  finding.why = fmt::format(
      "Of {} that were seen to begin {} ended, usually within {}. One that is open for a hundred times as long hangs, "
      "or "
      "its End was left out on some way out.",
      with_commas(type.count - type.unbegun), with_commas(type.durations.count), human_duration(type.durations.p99_ns));
  for (std::size_t i = 0; i < std::min(type.open.size(), kShown); ++i)
    finding.evidence.push_back(trace.exhibit(
        fmt::format("task {}, begun {}", type.open[i].task, trace.moment(type.open[i].begin_ns)), type.open[i].goid));
  finding.confirm = "What the goroutine that began it does when the trace ends.";
  finding.fix = "defer task.End() where the task begins; if it is there, find what the goroutine waits for.";
  finding.next = trace.command("--tasks");
  findings.push_back(std::move(finding));
}

void explain(const Trace& trace, std::vector<Finding>& findings) {
  for (const TraceTaskType& type : trace.facts.tasks.tasks) {
    const auto& took = type.durations;
    if (took.count < kFewest) continue;
    if (took.p99_ns >= trace.facts.signs.threshold_ns && took.p99_ns / kTail >= took.p50_ns)
      tell_tail(trace, type, findings);
    if (type.open.empty()) continue;
    const std::int64_t age = trace.facts.ending.last_ns - type.open[0].begin_ns;
    if (age >= trace.facts.signs.threshold_ns && age / (kTail * kTail) >= took.p99_ns)
      tell_open(trace, type, age, findings);
  }
}

}  // namespace

constinit const Rule kTraceTaskLatency =
    trace_rule<explain>("trace.task-latency", Severity::Warning,
                        "some user tasks take far longer than the others of their type, or never end");

}  // namespace gopsy::rules
