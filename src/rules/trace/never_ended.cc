#include <algorithm>

#include "rules/catalog.h"
#include "rules/trace/growth.h"

namespace gopsy::rules {
namespace {

void explain(const Trace& trace, std::vector<Finding>& findings) {
  for (const LeftBehind& left : lingering(trace)) {
    const auto& of = *left.function;
    std::uint64_t starts = 0;
    for (const EndGroup& group : left.groups)
      for (const auto* g : group.goroutines) starts += g->starts;
    Finding finding{.confidence = 0.7};
    finding.title =
        fmt::format("{} of {} were made all along the trace, and {} ended", counted(of.created, "goroutine"),
                    trace.function(of.name), of.ended == 0 ? "none" : with_commas(of.ended));
    finding.why = fmt::format(
        "A goroutine made for a piece of work ends with it. {} of these live at the end, made in all parts of the "
        "trace "
        "({}, {}, {}, {} by quarter), not at once as workers are. They are not stuck: they ran {} times in all, so it "
        "is "
        "a loop (over a ticker, a connection, a queue) that nobody stops.",
        with_commas(left.goroutines), left.quarters[0], left.quarters[1], left.quarters[2], left.quarters[3],
        with_commas(starts));
    for (std::size_t i = 0; i < std::min<std::size_t>(left.groups.size(), 3); ++i)
      finding.evidence.push_back(exhibit(trace, left.groups[i]));
    const auto& first = *left.groups.front().goroutines.front();
    finding.evidence.push_back(trace.exhibit(
        fmt::format("made by {} in {}", Trace::name(first.creator), trace.place(first.creation_stack)), first.id));
    finding.confirm = "Two goroutine dumps some minutes apart: whether their number grows.";
    finding.fix = "Select on a context's Done in the loop and cancel it when what it was made for is over.";
    finding.next = trace.command("--goroutines");
    findings.push_back(std::move(finding));
  }
}

}  // namespace

constinit const Rule kTraceNeverEnded = trace_rule<explain>(
    "trace.never-ended", Severity::Warning, "goroutines are made all along the trace for loops that nobody stops");

}  // namespace gopsy::rules
