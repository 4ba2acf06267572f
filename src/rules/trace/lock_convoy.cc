#include "rules/catalog.h"
#include "rules/trace/traces.h"

namespace gopsy::rules {
namespace {

// Turns that passed from one waiter to the next with nobody between: that many in a row are no coincidence.
constexpr std::uint64_t kLongestRun = 16;
constexpr double kQueuedShare = 0.5;  // of the trace, in which somebody stood in the queue

std::string place_of(const Trace& trace, const model::TraceLockSite& site) { return trace.place(site.example); }

std::string held_words(const model::TraceStates& held) {
  const std::int64_t all = held.sum_ns();
  if (all <= 0) return {};
  const auto share = [&](std::int64_t ns) { return static_cast<double>(ns) / static_cast<double>(all); };
  if (held.waiting_ns + held.syscall_ns > all / 2)
    return fmt::format(
        " For {} of their turns its holders slept, waited or were in system calls: it is held over that.",
        percent(share(held.waiting_ns + held.syscall_ns)));
  if (held.runnable_ns > all / 2)
    return fmt::format(" For {} of their turns its holders waited for a P themselves.",
                       percent(share(held.runnable_ns)));
  return fmt::format(" For {} of their turns its holders ran: the work under the lock is the bound.",
                     percent(share(held.running_ns)));
}

void explain(const Trace& trace, std::vector<Finding>& findings) {
  for (const auto& site : trace.facts.chains.locks) {
    const double queued = trace.of_wall(site.queued_ns);
    if (site.of_runtime || site.longest_run < kLongestRun || queued < kQueuedShare || site.waits == 0 ||
        site.call.contains("WaitGroup"))
      continue;
    const auto waits = static_cast<std::int64_t>(site.waits);
    Finding finding{.confidence = 0.85};
    finding.title = fmt::format("A lock is passed on from waiter to waiter, {} turns in a row, in {}",
                                with_commas(site.longest_run), place_of(trace, site));
    finding.why = fmt::format(
        "For {} of the trace somebody stood in its queue, {} at most. {} of {} turns went from one of the queue to the "
        "next with nobody else between: the lock is never free, and who wants it waits {} on average, {} at most. More "
        "CPUs or goroutines do not make this faster.{}",
        percent(queued), counted(site.longest_queue, "goroutine"), with_commas(site.handoffs), with_commas(site.waits),
        human_duration(site.waited_ns / waits), human_duration(site.longest_ns), held_words(site.held));
    finding.evidence.push_back(
        trace.exhibit(fmt::format("{}: {}, {} of waiting: {}", site.call, counted(site.waits, "wait"),
                                  human_duration(site.waited_ns), trace.calls(site.example))));
    for (std::size_t i = 0; i < std::min<std::size_t>(site.holders.size(), 3); ++i)
      finding.evidence.push_back(trace.exhibit(
          fmt::format("held for {} in {}, until it let the next one in: {}", human_duration(site.holders[i].held_ns),
                      counted(site.holders[i].count, "turn"), trace.place(site.holders[i].stack))));
    finding.confirm = "A mutex profile: the same lock has most of the delay.";
    finding.fix =
        "Do less while it is held, split it by key, or let one goroutine own the data and send to it in batches.";
    finding.next = trace.command("--locks");
    findings.push_back(std::move(finding));
  }
}

}  // namespace

constinit const Rule kTraceLockConvoy =
    trace_rule<explain>("trace.lock-convoy", Severity::Warning,
                        "a lock is handed from waiter to waiter and never free: goroutines move at its pace");

}  // namespace gopsy::rules
