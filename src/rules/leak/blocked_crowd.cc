#include "rules/catalog.h"
#include "rules/contention/lock_held.h"
#include "rules/explain.h"
#include "rules/leak/abandoned_sender.h"

namespace gopsy::rules {
namespace {

// How many at one line are more than a pool at rest. Idle workers wait to receive, and pools of hundreds
// are ordinary; waiting senders and lockers are work that does not get on. Reasons: docs/rules/leak.blocked-crowd.md.
std::size_t crowd_from(model::WaitKind wait) {
  switch (wait) {
    case model::WaitKind::ChanSend:
    case model::WaitKind::MutexLock:
    case model::WaitKind::RWMutexLock:
    case model::WaitKind::RWMutexRLock:
    case model::WaitKind::Semacquire:
    case model::WaitKind::WaitGroupWait: return 16;
    default: return 1000;
  }
}

std::string candidates(model::WaitKind wait) {
  switch (wait) {
    case model::WaitKind::ChanSend:
      return "a consumer that is slow or has stopped, receivers that left (leak.abandoned-sender), or several results "
             "where one is read";
    case model::WaitKind::MutexLock:
    case model::WaitKind::RWMutexLock:
    case model::WaitKind::RWMutexRLock:
      return "a holder that does slow work under the lock, a holder that waits for one of these, or a lost Unlock";
    case model::WaitKind::WaitGroupWait:
      return "workers that are slow, that wait themselves, or that ended without Done";
    default: return "a channel that nobody closes, a context that nobody cancels, or simply a very large pool at rest";
  }
}

void run(Inquiry& inquiry, std::vector<Finding>& findings) {
  for (const auto& place : inquiry.places) {
    const auto& site = place.largest();
    if (site.goroutines.size() < crowd_from(site.wait) || is_abandoned_send(site)) continue;
    if (explained_by_holder(inquiry, site)) continue;
    Finding finding{.confidence = 0.7};
    finding.title = fmt::format("{} wait at one place to {}: {}{}", counted(site.goroutines.size(), "goroutine"),
                                words_of(site.wait), at(inquiry.incident.symbols, site.place), counts_by_input(place));
    add_evidence(place, inquiry.incident.symbols, finding);
    finding.why = fmt::format(
        "So many at one line are not caught there by chance. One dump cannot tell the cause; the candidates are {}.",
        candidates(site.wait));
    finding.confirm =
        "A second dump a minute later: the same ids speak for a leak or a deadlock, other ids for a queue that moves.";
    finding.fix =
        "Find the other side of this wait among the remaining goroutines of the dump, and what that one does.";
    finding.next = fmt::format("gopsy flame {} --focus {} -o goroutines.svg", shell_word(site.evidence->path),
                               shell_word(regex_of(inquiry.incident.symbols.text(site.place.function))));
    findings.push_back(std::move(finding));
  }
}

}  // namespace

constinit const Rule kBlockedCrowd{
    .id = "leak.blocked-crowd",
    .severity = Severity::Warning,
    .summary = "many goroutines blocked at one place, cause not told apart",
    .run = run,
};

}  // namespace gopsy::rules
