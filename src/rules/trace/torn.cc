#include "rules/catalog.h"
#include "rules/trace/flush.h"

namespace gopsy::rules {
namespace {

void explain(Inquiry& inquiry, const Trace& trace, std::vector<Finding>& findings) {
  const model::Evidence& evidence = trace.evidence;
  const model::TraceReport& report = *evidence.trace;
  if (evidence.cut.empty()) return;
  // What a panic leaves looks like this, and lacks nothing.
  if (report.damages == 0 && !report.guessed_clock && ended_by_a_flushed_panic(inquiry, trace)) return;
  Finding finding{.confidence = 0.95};
  finding.title = report.unfinished && report.damages == 0
                      ? fmt::format("{} is not whole: nobody stopped the trace", evidence.path)
                      : fmt::format("{} is damaged: {} of its {} could not be read", evidence.path,
                                    human_bytes(report.lost_bytes), human_bytes(report.bytes));
  finding.why = fmt::format(
      "{}. {} of {} were read all the same, to {}. A process leaves a whole trace if trace.Stop is called, and from Go "
      "1.23 on if a panic ends it; os.Exit, log.Fatal, a fatal error and a signal leave out the last generation, up to "
      "a "
      "second.",
      evidence.cut, counted(report.events, "event"), counted(report.generations, "generation"),
      trace.moment(report.last_ns));
  for (const auto& damage : report.damaged)
    finding.evidence.push_back(
        trace.exhibit(fmt::format("byte {}, generation {}: {}; {} lost", with_commas(damage.offset), damage.generation,
                                  damage.what, counted(damage.bytes, "byte"))));
  for (const auto& [count, what] : {std::pair{report.forced, "contradict what came before, and were believed"},
                                    std::pair{report.lost_stacks, "have a stack that is in no table"},
                                    std::pair{report.lost_strings, "have a name that is in no table"}})
    if (count != 0) finding.evidence.push_back(trace.exhibit(fmt::format("{} {}", counted(count, "event"), what)));
  if (finding.evidence.empty()) finding.evidence.push_back(trace.exhibit("the last generation has no end"));
  finding.confirm = "A trace that was stopped ends in the tables of its last generation.";
  finding.fix =
      "Call trace.Stop before the process ends, on signals too. What was not written can be carved out of a core of "
      "the "
      "process.";
  finding.next = trace.command("-d parsed --salvage | tail");
  findings.push_back(std::move(finding));
}

void run(Inquiry& inquiry, std::vector<Finding>& findings) {
  for (const auto& evidence : inquiry.incident.evidence)
    if (evidence.trace_facts && evidence.trace)
      explain(inquiry, {evidence, *evidence.trace_facts, inquiry.incident.symbols}, findings);
}

}  // namespace

constinit const Rule kTraceTorn{
    .id = "trace.torn",
    .severity = Severity::Info,
    .summary = "the trace is not whole: what is missing, where, and why",
    .run = run,
};

}  // namespace gopsy::rules
