#include <algorithm>
#include <array>
#include <map>

#include "rules/catalog.h"
#include "rules/trace/growth.h"

namespace gopsy::rules {
namespace {

using analyze::TraceWait;

constexpr std::size_t kPlacesShown = 3;

void tell(const Trace& trace, const LeftBehind& left, std::vector<Finding>& findings) {
  const auto& of = *left.function;
  const EndGroup& group = left.groups.front();
  const bool certain = group.wait == TraceWait::Send || group.wait == TraceWait::Forever;
  Finding finding{.confidence = certain ? 0.9 : 0.75};
  finding.title = fmt::format("{} of {} leaked in {}: they wait {} in {}", counted(left.goroutines, "goroutine"),
                              trace.function(of.name), human_duration(trace.wall_ns()), words_of(group.wait),
                              trace.place(group.stack));
  finding.why = fmt::format(
      "The trace saw {} created that begin in {}, and {} end. {} of those that live have waited since {} and longer "
      "without being woken, for something that only another goroutine can give. They were not made at once, as workers "
      "are: of the four quarters of the trace, each older than that wait, {}, {}, {} and {} come from the first, "
      "second, "
      "third and fourth. Nobody has come for those of the first quarter while the later ones were made.",
      with_commas(of.created), trace.function(of.name), with_commas(of.ended), with_commas(left.goroutines),
      human_duration(left.least_age_ns), left.quarters[0], left.quarters[1], left.quarters[2], left.quarters[3]);
  for (std::size_t i = 0; i < std::min(left.groups.size(), kPlacesShown); ++i)
    finding.evidence.push_back(exhibit(trace, left.groups[i]));
  const auto& first = *group.goroutines.front();
  finding.evidence.push_back(trace.exhibit(
      fmt::format("made by {} in {}", Trace::name(first.creator), trace.place(first.creation_stack)), first.id));
  finding.confirm =
      "Two goroutine dumps some minutes apart: the group grows. The place where they wait says what should have come.";
  finding.fix =
      certain ? "Give the channel room for the one value (make(chan T, 1)), or select on the caller's context beside "
                "the send: the receiver left early, on a timeout or an error."
              : "End them: close the channel when its work is done, pass a context and select on its Done, or call the "
                "cancel function on all ways out.";
  finding.next = trace.command("--goroutines");
  findings.push_back(std::move(finding));
}

// A nil channel never becomes ready, whoever has it.
void tell_forever(const Trace& trace, const EndGroup& group, std::vector<Finding>& findings) {
  Finding finding{.confidence = 0.95};
  finding.title =
      fmt::format("{} on a nil channel, forever, in {}",
                  counted(group.goroutines.size(), "goroutine waits", "goroutines wait"), trace.place(group.stack));
  finding.why =
      "The runtime parks a goroutine that sends to or receives from a nil channel with the reason \"forever\": "
      "nobody has the channel, so nobody can end the wait. What it holds stays until the process ends.";
  finding.evidence.push_back(exhibit(trace, group));
  finding.confirm = "A goroutine dump says \"chan receive (nil chan)\" or \"chan send (nil chan)\".";
  finding.fix = "Make the channel before the goroutine that uses it starts; a field that was never set is nil.";
  finding.next = trace.command("--goroutines");
  findings.push_back(std::move(finding));
}

void explain(const Trace& trace, std::vector<Finding>& findings) {
  for (const LeftBehind& left : left_behind(trace)) tell(trace, left, findings);
  std::vector<const model::TraceEnding::Goroutine*> forever;
  for (const auto& g : trace.facts.ending.goroutines)
    if (trace.own(g) && g.now.state == model::GoState::Waiting &&
        trace.wait(g.now.reason, g.now.stack) == TraceWait::Forever &&
        !analyze::has_function(g.now.stack, "runtime.block", trace.facts.stacks, trace.symbols) && !g.now.found)
      forever.push_back(&g);
  for (const EndGroup& group : groups_of(trace, forever))
    if (group.goroutines.size() < kFewestLeft) tell_forever(trace, group, findings);
}

}  // namespace

constinit const Rule kTraceLeak = trace_rule<explain>(
    "trace.leak", Severity::Warning, "goroutines that the trace saw begin wait for what nobody brings, and more come");

}  // namespace gopsy::rules
