#include <algorithm>
#include <cmath>

#include "rules/catalog.h"
#include "rules/heap.h"
#include "rules/leak/words.h"

namespace gopsy::rules {
namespace {

using analyze::is_abandoned_send;

void add_crowds(Inquiry& inquiry, std::vector<Finding>& findings) {
  for (const auto& place : inquiry.places) {
    const auto& site = place.largest();
    if (!is_abandoned_send(site)) continue;
    const auto& symbols = inquiry.incident.symbols;
    const std::string creator = model::short_function(symbols.text(site.created_by));
    const double crowd = std::min(1.0, std::log10(static_cast<double>(site.orphans)) / 2);
    Finding finding{.confidence = site.leaked != 0 ? 0.98 : 0.8 + 0.15 * crowd};
    finding.title =
        fmt::format("{} leaked: they wait to send in {}, and the receivers have left{}",
                    counted(site.goroutines.size(), "goroutine"), at(symbols, site.place), counts_by_input(place));
    add_evidence(place, symbols, finding);
    if (site.leaked != 0)
      finding.evidence.push_back(
          {.text = fmt::format("{} marked (leaked) by the runtime", counted(site.leaked, "goroutine")),
           .path = site.evidence->path});
    finding.why = fmt::format(
        "Each was started by {} to deliver a result over an unbuffered (or full) channel. For {} of {} that call is "
        "over: the goroutine that made it is gone or does something else now. The receiver returned first, on a "
        "timeout, a cancelled context or an early error, and nobody else has the channel. Their ids lie far apart, so "
        "they were not started together as a pool is. Each keeps its stack and all it references.",
        creator, site.orphans, site.goroutines.size());
    add_heap(inquiry.incident, ": the leaked goroutines hold little besides their stacks", ": it grows with them",
             finding);
    finding.confirm =
        "Confirmed if the creating function can return without receiving (a select with a timeout or ctx.Done arm); a "
        "second dump later shows more of them. On Go 1.26 and later the goroutineleak profile proves it.";
    finding.fix = fmt::format(
        "Give the channel room for the one result (`make(chan T, 1)`) in {}, so that the send never blocks; or send in "
        "a select with the request's ctx.Done().",
        creator);
    finding.next = fmt::format("gopsy flame {} --focus {} -o goroutines.svg", shell_word(site.evidence->path),
                               shell_word(regex_of(symbols.text(site.place.function))));
    findings.push_back(std::move(finding));
  }
}

bool in_a_crowd(const LeakPlace& place) { return place.reason == LeakReason::Crowd; }

// Fewer than a crowd, where more than the crowd speaks for it: the runtime's mark, the age, nobody left.
void add_single_places(const Inquiry& inquiry, std::vector<Finding>& findings) {
  run_leak_rule(
      inquiry, LeakKind::Send,
      {.waits = "to send in {}, and nobody receives any more",
       .why = "The channel is unbuffered or full, and whoever was to receive has returned: on a timeout, a "
              "cancelled context, an early error, or because one result of several was enough.",
       .fix = "Give the channel room for all results (`make(chan T, n)`), so that a send never blocks; or send "
              "in a select with the request's ctx.Done().",
       .told_elsewhere = in_a_crowd},
      findings);
}

void run(Inquiry& inquiry, std::vector<Finding>& findings) {
  add_crowds(inquiry, findings);
  add_single_places(inquiry, findings);
}

}  // namespace

constinit const Rule kAbandonedSender{
    .id = "leak.abandoned-sender",
    .severity = Severity::Warning,
    .summary = "goroutines stuck sending to a receiver that left",
    .run = run,
};

}  // namespace gopsy::rules
