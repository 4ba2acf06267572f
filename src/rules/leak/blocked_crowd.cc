#include <algorithm>
#include <unordered_map>

#include "rules/catalog.h"
#include "rules/contention/lock_held.h"
#include "rules/leak/words.h"

namespace gopsy::rules {
namespace {

constexpr std::size_t kPlacesShown = 24;
constexpr std::size_t kPlacesInTitle = 3;

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

/// What other rules tell: how many goroutines of a site, by the first of them.
using Told = std::unordered_map<const model::Goroutine*, std::size_t>;

Told told_by_other_rules(const Inquiry& inquiry) {
  Told told;
  for (const LeakPlace& place : inquiry.leaks)
    if (place.belief != Belief::Candidate)
      for (const auto& site : place.at.sites) told[site.goroutines.front()] = site.goroutines.size();
  return told;
}

bool is_told(const Told& told, const analyze::BlockedSite& site) {
  if (analyze::is_abandoned_send(site)) return true;
  const auto found = told.find(site.goroutines.front());
  return found != told.end() && found->second * 2 >= site.goroutines.size();
}

void add_crowds(Inquiry& inquiry, std::vector<Finding>& findings) {
  const Told told = told_by_other_rules(inquiry);
  for (const auto& place : inquiry.places) {
    const auto& site = place.largest();
    if (site.goroutines.size() < crowd_from(site.wait) || is_told(told, site)) continue;
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

// Of several places: "main.a at a.go:1 (3), main.b at b.go:2 (1) and 4 more places".
std::string places_words(const model::Symbols& symbols, const std::vector<const LeakPlace*>& places) {
  std::vector<std::string> names;
  for (const LeakPlace* place : places)
    if (names.size() < kPlacesInTitle)
      names.push_back(fmt::format("{} ({})", at(symbols, place->at.largest().place), with_commas(count_of(*place))));
  std::string text = join(names, ", ");
  if (places.size() > names.size()) text += fmt::format(" and {}", counted(places.size() - names.size(), "more place"));
  return text;
}

// What the place may lack.
std::string_view hint(LeakKind kind) {
  switch (kind) {
    case LeakKind::Send: return "a receiver that left";
    case LeakKind::Receive: return "a channel that nobody closes, or a context that nobody cancels";
    case LeakKind::Select: return "a stop that nobody calls, or a context that nobody cancels";
    case LeakKind::Lock: return "locks in opposite order, a lock taken twice, or a lost Unlock";
    case LeakKind::WaitGroup: return "a lost Done";
    case LeakKind::Cond: return "a signal that was lost or never sent";
    case LeakKind::Context: return "a cancel that nobody calls";
    case LeakKind::Sleep: return "a timer loop without a stop";
    case LeakKind::Handler: return "a handler that does not look at its request's context";
    case LeakKind::Other: return "made by the same call as a leaked one";
    default: return "an end";
  }
}

// One exhibit a place and input, with who started the first of them.
void add_short_evidence(const model::Symbols& symbols, const LeakPlace& place, Finding& finding) {
  for (const auto& site : place.at.sites) {
    const auto* first = site.goroutines.front();
    std::string text = fmt::format("{} in [{}] in {}", counted(site.goroutines.size(), "goroutine"),
                                   symbols.text(first->state), where(symbols, site));
    if (place.belief == Belief::Candidate) text += fmt::format("; perhaps {}", hint(place.kind));
    finding.evidence.push_back(
        {.text = std::move(text), .path = site.evidence->path, .line = first->log_line, .goroutine = first->id});
  }
}

Finding about(const Inquiry& inquiry, const std::vector<const LeakPlace*>& places) {
  const auto& symbols = inquiry.incident.symbols;
  Finding finding{.confidence = confidence_of(*places.front())};
  for (std::size_t i = 0; i < std::min(places.size(), kPlacesShown); ++i)
    add_short_evidence(symbols, *places[i], finding);
  const std::string& path = places.front()->at.largest().evidence->path;
  if (places.size() > kPlacesShown)
    finding.evidence.push_back(
        {.text = fmt::format("and {}", counted(places.size() - kPlacesShown, "more place")), .path = path});
  finding.next = fmt::format("gopsy flame {} -o goroutines.svg", shell_word(path));
  return finding;
}

std::uint64_t count_of(const std::vector<const LeakPlace*>& places) {
  std::uint64_t count = 0;
  for (const LeakPlace* place : places) count += rules::count_of(*place);
  return count;
}

// Lock waiters block each other: their places are one story.
void add_locks(const Inquiry& inquiry, std::vector<Finding>& findings) {
  for (const LeakReason reason : {LeakReason::Marked, LeakReason::Age, LeakReason::NoPartner}) {
    std::vector<const LeakPlace*> places;
    for (const LeakPlace& place : inquiry.leaks)
      if (place.kind == LeakKind::Lock && place.belief != Belief::Candidate && place.reason == reason)
        places.push_back(&place);
    if (places.empty()) continue;
    Finding finding = about(inquiry, places);
    const std::uint64_t count = count_of(places);
    finding.title =
        fmt::format("{} for a lock that nobody releases: {}", leaked_they_wait(count, places.front()->belief),
                    places_words(inquiry.incident.symbols, places));
    finding.why = fmt::format(
        "{} The candidates are two goroutines that take two locks in opposite order, one that locks twice (also RLock "
        "below an RLock with a writer between), a return or panic without Unlock, or a holder that waits for a "
        "channel.",
        how_known(*places.front()));
    finding.confirm =
        "The holder is inside the code that took the lock: look for it among the goroutines of the same package; if "
        "there is none, a path returned without Unlock.";
    finding.fix =
        "`defer mu.Unlock()` right after Lock; take several locks in one fixed order; never wait for a channel or the "
        "network under a lock.";
    findings.push_back(std::move(finding));
  }
}

void add_profile_stacks(const Inquiry& inquiry, std::vector<Finding>& findings) {
  const auto& symbols = inquiry.incident.symbols;
  for (const LeakStack& stack : inquiry.leak_stacks) {
    const bool ours = stack.kind == LeakKind::Lock || stack.kind == LeakKind::Cond || stack.kind == LeakKind::Select ||
                      stack.kind == LeakKind::EmptySelect || stack.kind == LeakKind::Other;
    if (stack.belief == Belief::Proven && !ours) continue;
    if (stack.kind == LeakKind::HttpBody) continue;
    Finding finding = rules::about(inquiry, stack);
    const auto count = static_cast<std::uint64_t>(stack.count);
    const bool proven = stack.belief == Belief::Proven;
    finding.confidence = proven ? 0.98 : 0.6;
    finding.title = proven
                        ? fmt::format("{} for ever in {}", leaked_they_wait(count, stack.belief), where(symbols, stack))
                        : fmt::format("{} at one place: {}", counted(count, "goroutine"), where(symbols, stack));
    finding.why =
        proven ? "A goroutineleak profile lists only goroutines whose channel or lock nothing that can still run "
                 "reaches. A profile in text form does not say what it waits for; a dump (debug=2) does."
               : fmt::format(
                     "So many at one line are not caught there by chance. A profile has no states: the candidates "
                     "are {}.",
                     candidates(model::WaitKind::None));
    finding.fix = "See what that line waits for, and give it an end: a close, a context, a buffer, an Unlock.";
    findings.push_back(std::move(finding));
  }
}

// Those that cannot be told from long-lived workers, where the same process has leaks: by input, at the end of the
// list.
void add_candidates(const Inquiry& inquiry, std::vector<Finding>& findings) {
  std::vector<const LeakPlace*> places;
  for (const LeakPlace& place : inquiry.leaks)
    if (place.belief == Belief::Candidate) places.push_back(&place);
  if (places.empty()) return;
  std::ranges::stable_sort(places, std::ranges::greater{},
                           [](const LeakPlace* place) { return rules::count_of(*place); });
  Finding finding = about(inquiry, places);
  finding.severity = Severity::Info;
  finding.title =
      fmt::format("{} may be leaked too, or may be long-lived work: {}", counted(count_of(places), "more goroutine"),
                  places_words(inquiry.incident.symbols, places));
  finding.why =
      "The calls that started them are over, or their handler waits where no client can end it, and nothing in the "
      "text "
      "says that their wait will end. This process has leaks, and a worker of a long-lived object looks the same in "
      "one "
      "dump: the candidates are a channel that nobody closes, a context that nobody cancels, a lock or WaitGroup that "
      "nobody releases, a timer loop without a stop, or a worker at rest.";
  finding.confirm =
      "A second dump later, given together with this one: places that grow leak, places that stay are workers. On Go "
      "1.26 and later /debug/pprof/goroutineleak tells most of them apart.";
  finding.fix =
      "For each place: name the line that ends it (close, cancel, Unlock, Stop). Where there is none, add it.";
  findings.push_back(std::move(finding));
}

void run(Inquiry& inquiry, std::vector<Finding>& findings) {
  add_crowds(inquiry, findings);
  add_locks(inquiry, findings);
  run_leak_rule(inquiry, LeakKind::Cond,
                {.waits = "for a Cond in {}, and nobody signals it",
                 .why = "Cond.Wait returns only after a Signal or Broadcast; one that came before the Wait is lost.",
                 .fix = "Check the condition in a loop around Wait, change it under the lock, and Broadcast after the "
                        "change and at shutdown."},
                findings);
  run_leak_rule(
      inquiry, LeakKind::Select,
      {.waits = "in a select in {}, and none of its arms can fire",
       .why = "Nobody holds the other end of any of its channels. The candidates are a Start without its Stop, "
              "a context that was dropped without cancel, or a channel whose owner returned early.",
       .fix = "Add an arm that the owner can fire, `case <-ctx.Done(): return`, and cancel it when the owner "
              "ends."},
      findings);
  run_leak_rule(inquiry, LeakKind::Other,
                {.waits = "for ever in {}",
                 .why = "The text does not tell what it waits for.",
                 .fix = "See what that line waits for, and give it an end."},
                findings);
  add_profile_stacks(inquiry, findings);
  add_candidates(inquiry, findings);
}

}  // namespace

constinit const Rule kBlockedCrowd{
    .id = "leak.blocked-crowd",
    .severity = Severity::Warning,
    .summary = "many goroutines blocked at one place, cause not told apart",
    .run = run,
};

}  // namespace gopsy::rules
