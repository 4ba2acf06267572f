#include <algorithm>

#include "rules/catalog.h"
#include "rules/trace/traces.h"

namespace gopsy::rules {
namespace {

using Goroutine = model::TraceEnding::Goroutine;

// Ten turns of another goroutine on its P: no longer a busy moment.
constexpr std::int64_t kLongNs = 100'000'000;

void explain(const Trace& trace, std::vector<Finding>& findings) {
  std::vector<const Goroutine*> waiting;
  for (const Goroutine& g : trace.facts.ending.goroutines)
    if (trace.own(g) && !g.found && g.starts == 0 && g.now.state == model::GoState::Runnable &&
        g.now.length_ns() >= trace.facts.signs.threshold_ns)
      waiting.push_back(&g);
  if (waiting.empty()) return;
  std::ranges::stable_sort(waiting, std::ranges::greater{}, [](const Goroutine* g) { return g->now.length_ns(); });
  const Goroutine& first = *waiting.front();
  const std::int64_t longest = first.now.length_ns();
  Finding finding{.severity = longest >= kLongNs ? Severity::Warning : Severity::Info, .confidence = 0.9};
  finding.title = fmt::format("{} created and never ran, the first {} before the end",
                              counted(waiting.size(), "goroutine was", "goroutines were"), human_duration(longest));
  finding.why = fmt::format(
      "A goroutine that was created is runnable: it needs nothing but a P. {} of these got none until the trace ends, "
      "{} and longer. {} of {} were busy, {} goroutines at most queued for them.",
      with_commas(waiting.size()), human_duration(waiting.back()->now.length_ns()),
      trace.facts.signs.load.full_ns != 0 ? "All" : "Not all", counted(trace.facts.signs.load.procs, "P"),
      with_commas(trace.facts.signs.load.most_queued));
  for (std::size_t i = 0; i < std::min<std::size_t>(waiting.size(), 3); ++i)
    finding.evidence.push_back(
        trace.exhibit(fmt::format("{} created {} by {} in {}", trace.function(waiting[i]->function),
                                  trace.moment(waiting[i]->born_ns), Trace::name(waiting[i]->creator),
                                  trace.place(waiting[i]->creation_stack)),
                      waiting[i]->id));
  finding.confirm = "trace.starvation and trace.greedy say whether the Ps were busy, and with what.";
  finding.fix = "Make fewer at once, or make room: see what occupies the Ps.";
  finding.next = trace.command();
  findings.push_back(std::move(finding));
}

}  // namespace

constinit const Rule kTraceNeverRan = trace_rule<explain>("trace.never-ran", Severity::Warning,
                                                          "goroutines were created and got no P until the trace ends");

}  // namespace gopsy::rules
