#include "rules/contention/lock_held.h"

#include <algorithm>
#include <unordered_map>

#include "analyze/lock_holders.h"
#include "rules/catalog.h"
#include "rules/explain.h"

namespace gopsy::rules {
namespace {

using analyze::HolderProof;
using model::WaitKind;

// Reasons: docs/rules/contention.lock-held.md.
constexpr std::size_t kFewest = 4;
constexpr std::size_t kFewestOnTrust = 16;
constexpr std::size_t kIdsNamed = 5;

bool is_blocked(WaitKind wait) { return wait != WaitKind::Running && wait != WaitKind::Runnable; }

bool in_cycle(const analyze::WaitGroups& waits, std::size_t group) {
  return std::ranges::any_of(
      waits.cycles, [&](const auto& cycle) { return std::ranges::find(cycle.groups, group) != cycle.groups.end(); });
}

std::string lock_words(const analyze::WaitGroupOf& group, const model::Symbols& symbols) {
  std::string words = group.kind == WaitKind::MutexLock ? "a Mutex" : "an RWMutex";
  const auto type = analyze::receiver_type(symbols.text(group.place->function));
  if (group.value && !type.empty()) words += fmt::format(" of {}", model::short_function(type));
  return words;
}

std::string why_holder(HolderProof proof, std::string_view held_in) {
  switch (proof) {
    case HolderProof::SameFunctionAndValue:
      return fmt::format(
          "it alone is past a line of {} that takes this lock, and its arguments name the very value "
          "that has the lock",
          held_in);
    case HolderProof::SameFunction:
      return fmt::format("it alone is past the line of {} that takes the lock, and that line takes no other", held_in);
    case HolderProof::SameValue:
      return fmt::format("it alone is inside another method ({}) of the value that has the lock", held_in);
    case HolderProof::UnlockAhead:
      return fmt::format("by the memory of the process it returns to code of {} that unlocks this very lock", held_in);
    case HolderProof::UnlockDeferred:
      return fmt::format("by the memory of the process it has deferred, in {}, a call that unlocks this very lock",
                         held_in);
    default: break;
  }
  return {};
}

std::string_view advice(WaitKind wait) {
  switch (wait) {
    case WaitKind::IoWait:
    case WaitKind::Syscall:
      return "Do the I/O before or after the section and take the lock only to store its result; give the I/O a "
             "deadline, so that a peer that hangs cannot hold the lock.";
    case WaitKind::ChanReceive:
    case WaitKind::ChanSend:
    case WaitKind::Select:
      return "Never wait on a channel under a lock: whoever has the other end may need the lock to get there. Copy "
             "what "
             "is needed, unlock, then send or receive.";
    case WaitKind::MutexLock:
    case WaitKind::RWMutexLock:
    case WaitKind::RWMutexRLock:
      return "Two locks are held one inside the other: look at who holds the inner one, and narrow both sections.";
    case WaitKind::Sleep: return "Unlock before sleeping; a retry loop takes the lock anew for each try.";
    default:
      return "Hold it for less: move work that does not need it out of the section, shard it by key, or hand out "
             "copies.";
  }
}

Finding explain(const analyze::Snapshot& snapshot, const analyze::WaitGroupOf& group, const model::Symbols& symbols) {
  const auto& goroutines = snapshot.traceback->goroutines;
  const auto& holder = goroutines[group.holder];
  const auto& facts = snapshot.facts[group.holder];
  const WaitKind wait = facts.wait.kind;
  const std::string state(symbols.text(holder.state));
  Finding finding{.confidence = analyze::confidence_of(group.proof)};
  const std::string held_in = model::short_function(symbols.text(group.held_in->function));
  finding.title =
      fmt::format("{} wait for {} in {}; goroutine {} has it and is in [{}]{}",
                  counted(group.waiters.size(), "goroutine"), lock_words(group, symbols), at(symbols, *group.place),
                  holder.id, state, facts.user == nullptr ? "" : " in " + at(symbols, *facts.user));
  std::vector<std::string> ids;
  for (const auto row : group.waiters)
    if (ids.size() < kIdsNamed) ids.push_back(fmt::format("{}", goroutines[row].id));
  finding.evidence.push_back(
      {.text = fmt::format("[{}] in {} (goroutines {}{}){}", symbols.text(goroutines[group.waiters[0]].state),
                           at(symbols, *group.place), join(ids, ", "), group.waiters.size() > ids.size() ? ", …" : "",
                           group.address ? fmt::format(", lock at {:#x}", *group.address) : ""),
       .path = snapshot.evidence->path,
       .line = goroutines[group.waiters[0]].log_line,
       .goroutine = goroutines[group.waiters[0]].id});
  finding.evidence.push_back({.text = fmt::format("[{}] inside {}", state, at(symbols, *group.held_in)),
                              .path = snapshot.evidence->path,
                              .line = group.held_in->log_line,
                              .goroutine = holder.id});
  finding.why = fmt::format(
      "Go records no owner of a lock; goroutine {} is taken for it because {}. {}", holder.id,
      why_holder(group.proof, held_in),
      is_blocked(wait)
          ? "It is not working but waiting itself, so the queue lasts as long as that wait does: with every "
            "request that needs the lock it gets longer."
          : "It is at work: the section is long for the rate at which the lock is asked for.");
  finding.confirm =
      "A second dump some seconds later: the same holder at the same line confirms it; another holder says "
      "that the lock is merely busy. A mutex profile shows how long it is held over time.";
  finding.fix = advice(wait);
  finding.next =
      fmt::format("gopsy goroutines {} --filter 'id == {}' --full", shell_word(snapshot.evidence->path), holder.id);
  return finding;
}

void run(Inquiry& inquiry, std::vector<Finding>& findings) {
  struct Largest {
    std::size_t waiters = 0;
    Finding finding;
  };
  // A lock is told once, from the dump in which most wait for it.
  std::vector<Largest> told;
  std::unordered_map<std::uint64_t, std::size_t> by_place;
  const auto& all = inquiry.wait_groups();
  for (std::size_t s = 0; s < all.size(); ++s) {
    const auto& snapshot = inquiry.snapshots()[s];
    for (std::size_t g = 0; g < all[s].groups.size(); ++g) {
      const auto& group = all[s].groups[g];
      if (!tells_who_holds(snapshot, group) || in_cycle(all[s], g)) continue;
      const auto key = std::uint64_t{group.place->function.value} << 32 | group.place->line;
      const auto [known, is_new] = by_place.try_emplace(key, told.size());
      if (is_new) told.emplace_back();
      Largest& largest = told[known->second];
      if (group.waiters.size() <= largest.waiters) continue;
      largest = {.waiters = group.waiters.size(), .finding = explain(snapshot, group, inquiry.incident.symbols)};
    }
  }
  for (auto& one : told) findings.push_back(std::move(one.finding));
}

}  // namespace

bool tells_who_holds(const analyze::Snapshot& snapshot, const analyze::WaitGroupOf& group) {
  if (!group.is_lock || group.proof == HolderProof::None || group.proof == HolderProof::SameFamily ||
      group.proof == HolderProof::OneOfSeveral)
    return false;
  if (std::ranges::find(group.waiters, group.holder) != group.waiters.end()) return false;
  const bool waits = is_blocked(snapshot.facts[group.holder].wait.kind);
  const bool trusted = group.proof != HolderProof::SameValue;
  return group.waiters.size() >= (waits && trusted ? kFewest : kFewestOnTrust);
}

bool explained_by_holder(Inquiry& inquiry, const analyze::BlockedSite& site) {
  const auto& all = inquiry.wait_groups();
  for (std::size_t s = 0; s < all.size(); ++s) {
    const auto& snapshot = inquiry.snapshots()[s];
    if (snapshot.traceback != site.traceback) continue;
    for (const auto& group : all[s].groups)
      if (tells_who_holds(snapshot, group) && group.waiters.size() * 2 > site.goroutines.size() &&
          snapshot.facts[group.waiters[0]].user != nullptr &&
          snapshot.facts[group.waiters[0]].user->function == site.place.function &&
          snapshot.facts[group.waiters[0]].user->line == site.place.line)
        return true;
  }
  return false;
}

constinit const Rule kLockHeld{
    .id = "contention.lock-held",
    .severity = Severity::Warning,
    .summary = "many wait for one lock: the holder, and what it does meanwhile",
    .run = run,
};

}  // namespace gopsy::rules
