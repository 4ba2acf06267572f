#include <algorithm>
#include <tuple>

#include "rules/catalog.h"
#include "rules/explain.h"
#include "rules/profile/words.h"

namespace gopsy::rules {
namespace {

constexpr double kLeastShare = 0.1;
constexpr std::size_t kMostFindings = 3;
constexpr std::size_t kPlacesShown = 3;
// Without a duration, what is known is the wait since the start: below a second it is noise of any service.
constexpr std::int64_t kLeastDelay = 1'000'000'000;
// With one: on average, one goroutine in ten waits at any moment, or one of the requests a tenth of its time.
constexpr double kLeastWaiting = 0.1;

// What one of the two profiles says of a lock.
struct Side {
  std::int64_t delay = 0;
  std::int64_t duration = 0;  // of the profile; 0 = since the start of the process, which it does not tell

  /// How many goroutines wait at a time, on average; 0 where the profile does not say for how long it ran.
  [[nodiscard]] double waiting() const {
    return duration <= 0 ? 0 : static_cast<double>(delay) / static_cast<double>(duration);
  }
  [[nodiscard]] bool long_enough() const { return duration > 0 ? waiting() >= kLeastWaiting : delay >= kLeastDelay; }
};

Side side(std::int64_t delay, const model::Evidence* evidence) {
  return {.delay = delay, .duration = evidence == nullptr ? 0 : evidence->profile->duration_ns};
}

// The side to tell: one profile may have run for seconds, and the other since the process began.
Side worse(const analyze::LockProfiles& locks, const analyze::LockSite& site) {
  const Side held = side(site.held_ns, locks.mutex);
  const Side waited = side(site.waited_ns, locks.block);
  const auto rank = [](const Side& s) { return std::tuple(s.long_enough(), s.waiting(), s.delay); };
  return rank(held) >= rank(waited) ? held : waited;
}

struct Case {
  const analyze::LockProfiles& locks;
  const analyze::LockSite& site;
  const model::Symbols& symbols;
  Side side;
};

void add_places(const Case& c, const std::vector<analyze::LockPlace>& places, const model::Evidence* evidence,
                std::string_view role, Finding& finding) {
  for (std::size_t i = 0; i < std::min(places.size(), kPlacesShown); ++i) {
    finding.evidence.push_back(value_of(
        *evidence,
        fmt::format(
            "{}: {} ({}, {})", role, place_words(places[i].place, c.symbols), human_duration(places[i].delay_ns),
            counted(static_cast<std::uint64_t>(std::max<std::int64_t>(0, places[i].contentions)), "time", "times"))));
  }
}

std::string why_words(const Case& c) {
  std::string text = fmt::format("Goroutines waited {} for the lock of {}", human_duration(c.side.delay),
                                 model::short_function(c.site.owner));
  text += c.side.waiting() > 0 ? fmt::format(", {:.1f} of them at a time on average.", c.side.waiting())
                               : " since the start of the process (this profile does not say when that was).";
  if (!c.site.holders.empty())
    text += fmt::format(" The mutex profile charges {} to the Unlock in {}: that is who held it.",
                        human_duration(c.site.held_ns), place_words(c.site.holders[0].place, c.symbols));
  if (!c.site.waiters.empty())
    text += fmt::format(" The block profile saw {} of waiting in {}.", human_duration(c.site.waited_ns),
                        place_words(c.site.waiters[0].place, c.symbols));
  if (c.site.holders.empty() || c.site.waiters.empty())
    text += c.site.holders.empty()
                ? " Who held the lock is in a mutex profile, which is not at hand."
                : " Who waited, and where, is in a block profile, which is not at hand or does not have it.";
  return text;
}

void tell(const Case& c, std::vector<Finding>& findings) {
  const bool joined = !c.site.holders.empty() && !c.site.waiters.empty();
  Finding finding{.severity = c.side.waiting() >= 1 ? Severity::Warning : Severity::Info,
                  .confidence = joined ? 0.9 : 0.75};
  finding.title = fmt::format("Lock contention: {} of waiting for the lock of {}", human_duration(c.side.delay),
                              model::short_function(c.site.owner));
  finding.why = why_words(c);
  if (c.locks.mutex != nullptr) add_places(c, c.site.holders, c.locks.mutex, "held until the Unlock in", finding);
  if (c.locks.block != nullptr) add_places(c, c.site.waiters, c.locks.block, "waited in", finding);
  finding.confirm =
      "Both profiles of the same minute (?seconds=60 on each): profiles know no addresses, so users of one type are "
      "taken for users of one lock. Two locks in one type show as one here.";
  finding.fix =
      "Hold it for less: take I/O, logging, allocation and calls of others out of the section. Then hold it less "
      "often: "
      "shard by key, or publish a copy with atomic.Pointer where reads outnumber writes.";
  const model::Evidence* const evidence = c.locks.mutex != nullptr ? c.locks.mutex : c.locks.block;
  finding.next = fmt::format("gopsy flame {} --focus {} -o locks.svg", shell_word(evidence->path),
                             shell_word(regex_of(c.site.owner)));
  findings.push_back(std::move(finding));
}

void run(Inquiry& inquiry, std::vector<Finding>& findings) {
  const auto locks = analyze::lock_profiles(inquiry.incident);
  std::int64_t total = 0;
  for (const auto& site : locks.sites) total = analyze::saturating_sum(total, std::max(site.held_ns, site.waited_ns));
  std::size_t told = 0;
  for (const auto& site : locks.sites) {
    const bool heavy =
        static_cast<double>(std::max(site.held_ns, site.waited_ns)) >= kLeastShare * static_cast<double>(total);
    if (!heavy || told == kMostFindings) break;
    const Case c{.locks = locks, .site = site, .symbols = inquiry.incident.symbols, .side = worse(locks, site)};
    if (!c.side.long_enough()) continue;
    tell(c, findings);
    ++told;
  }
}

}  // namespace

constinit const Rule kLockContention{
    .id = "contention.lock-site",
    .severity = Severity::Warning,
    .summary = "goroutines wait for a lock: who holds it and who waits, from mutex and block profiles",
    .run = run,
};

}  // namespace gopsy::rules
