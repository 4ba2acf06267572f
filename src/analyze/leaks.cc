#include "analyze/leaks.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <unordered_set>

#include "analyze/creators.h"
#include "analyze/http_leaks.h"
#include "analyze/rescue.h"

namespace gopsy::analyze {
namespace {

using model::Goroutine;
using model::Symbols;
using model::Traceback;
using model::WaitKind;

constexpr std::uint64_t kMain = 1;
// The printed age may be one collection too high, two minutes in an idle process: from five on, three have passed.
constexpr std::uint32_t kOldMinutes = 5;
constexpr std::size_t kFewestSenders = 4;
constexpr std::size_t kSendersOfOneCaller = 16;
// Waiters that each of so many calls left behind. Below, they may be workers of long-lived objects, one each.
constexpr std::size_t kSpread = 16;
constexpr std::size_t kContexts = 4;

struct Verdict {
  LeakKind kind = LeakKind::Other;
  Belief belief = Belief::Candidate;
  LeakReason reason = LeakReason::Outlived;
};

LeakKind kind_of(WaitKind wait) {
  switch (wait) {
    case WaitKind::ChanSend: return LeakKind::Send;
    case WaitKind::ChanReceive: return LeakKind::Receive;
    case WaitKind::ChanReceiveNil:
    case WaitKind::ChanSendNil: return LeakKind::NilChannel;
    case WaitKind::Select: return LeakKind::Select;
    case WaitKind::SelectNoCases: return LeakKind::EmptySelect;
    case WaitKind::MutexLock:
    case WaitKind::RWMutexLock:
    case WaitKind::RWMutexRLock:
    case WaitKind::Semacquire: return LeakKind::Lock;
    case WaitKind::CondWait: return LeakKind::Cond;
    case WaitKind::WaitGroupWait: return LeakKind::WaitGroup;
    case WaitKind::Sleep: return LeakKind::Sleep;
    default: return LeakKind::Other;
  }
}

bool is_context_goroutine(std::string_view created_by) {
  return created_by == "context.propagateCancel" || created_by == "context.(*cancelCtx).propagateCancel";
}

/// The goroutines of one traceback and what became of each.
class Judge {
 public:
  Judge(const Traceback& traceback, const Symbols& symbols)
      : traceback_(traceback), symbols_(symbols), creators_(traceback, symbols) {}

  // In the order of certainty: the first word about a goroutine stands.
  void judge(const std::vector<const BlockedSite*>& abandoned) {
    for (const BlockedSite* site : abandoned)
      for (const Goroutine* goroutine : site->goroutines)
        say(*goroutine, {.kind = LeakKind::Send, .belief = Belief::Likely, .reason = LeakReason::Crowd});
    prove();
    for (const auto& [goroutine, http] : http_leaks(traceback_, symbols_))
      say(*goroutine, {.kind = http.kind, .belief = http.belief, .reason = http.reason});
    for (const Goroutine* goroutine : without_partner(traceback_, symbols_))
      say(*goroutine, {.kind = kind(*goroutine), .belief = Belief::Likely, .reason = LeakReason::NoPartner});
    judge_ages();
    judge_spread();
  }

  [[nodiscard]] bool found_any() const { return !verdicts_.empty(); }

  // REQUIRES: judge() was called.
  void add_candidates() {
    std::set<std::pair<StringId, std::uint64_t>> guilty;
    for (const auto& [goroutine, verdict] : verdicts_)
      if (!goroutine->created_by.none()) guilty.emplace(goroutine->created_by, goroutine->creator);
    std::unordered_set<std::uint64_t> handlers;
    for (const Goroutine& goroutine : traceback_.goroutines) {
      if (!is_of_interest(goroutine)) continue;
      if (is_stuck_handler(goroutine)) {
        say(goroutine, {.kind = LeakKind::Handler});
        handlers.insert(goroutine.id);
      } else if (creators_.outlived(goroutine) && may_be_leaked(goroutine, guilty)) {
        say(goroutine, {.kind = is_context_goroutine(creator(goroutine)) ? LeakKind::Context : kind(goroutine)});
      }
    }
    add_readers_of(handlers);
  }

  // While a handler runs, its connection has a reader, which looks whether the client leaves. Before Go 1.21 it does
  // not say whose it is: then all are taken where there are as many as stuck handlers.
  void add_readers_of(const std::unordered_set<std::uint64_t>& handlers) {
    std::vector<const Goroutine*> readers;
    for (const Goroutine& goroutine : traceback_.goroutines)
      if (creator(goroutine) == "net/http.(*connReader).startBackgroundRead") readers.push_back(&goroutine);
    for (const Goroutine* reader : readers)
      if (handlers.contains(reader->creator) || (reader->creator == 0 && readers.size() == handlers.size()))
        say(*reader, {.kind = LeakKind::Handler});
  }

  [[nodiscard]] const Verdict* of(const Goroutine& goroutine) const {
    const auto found = verdicts_.find(&goroutine);
    return found == verdicts_.end() ? nullptr : &found->second;
  }
  [[nodiscard]] const Creators& creators() const { return creators_; }

 private:
  [[nodiscard]] static bool is_of_interest(const Goroutine& goroutine) {
    return !goroutine.system && goroutine.id != kMain && !goroutine.created_by.none();
  }
  [[nodiscard]] std::string_view creator(const Goroutine& goroutine) const {
    return symbols_.text(goroutine.created_by);
  }
  [[nodiscard]] LeakKind kind(const Goroutine& goroutine) const {
    return kind_of(wait_of(traceback_, goroutine, symbols_).kind);
  }

  void say(const Goroutine& goroutine, Verdict verdict) { verdicts_.try_emplace(&goroutine, verdict); }

  void prove() {
    for (const Goroutine& goroutine : traceback_.goroutines) {
      if (goroutine.leaked) {
        const LeakKind what = is_context_goroutine(creator(goroutine)) ? LeakKind::Context : kind(goroutine);
        say(goroutine, {.kind = what, .belief = Belief::Proven, .reason = LeakReason::Marked});
      } else if (is_of_interest(goroutine)) {
        const LeakKind what = kind(goroutine);
        if (what == LeakKind::NilChannel || what == LeakKind::EmptySelect)
          say(goroutine, {.kind = what, .belief = Belief::Proven, .reason = LeakReason::State});
      }
    }
  }

  void judge_ages() {
    for (const Goroutine& goroutine : traceback_.goroutines) {
      if (!is_of_interest(goroutine) || goroutine.minutes < kOldMinutes) continue;
      const LeakKind what = kind(goroutine);
      if (what == LeakKind::Send || what == LeakKind::Lock)
        say(goroutine, {.kind = what, .belief = Belief::Likely, .reason = LeakReason::Age});
    }
  }

  // One go statement that was executed by many goroutines, which are gone while what they started is not.
  void judge_spread() {
    std::map<std::tuple<StringId, std::uint32_t, LeakKind>, std::vector<const Goroutine*>> crowds;
    std::unordered_map<std::uint64_t, std::size_t> children;
    for (const Goroutine& goroutine : traceback_.goroutines)
      if (is_of_interest(goroutine) && creators_.creator_gone(goroutine)) ++children[goroutine.creator];
    for (const Goroutine& goroutine : traceback_.goroutines) {
      if (!is_of_interest(goroutine) || !creators_.creator_gone(goroutine)) continue;
      const bool context = is_context_goroutine(creator(goroutine));
      const LeakKind what = context ? LeakKind::Context : kind(goroutine);
      const bool alone = children[goroutine.creator] == 1;
      // Whoever has a living sibling may be half of a connection: one reads, the other writes.
      if (what == LeakKind::Context || ((what == LeakKind::Receive || what == LeakKind::Sleep) && alone))
        crowds[{goroutine.created_by, goroutine.created_line, what}].push_back(&goroutine);
    }
    for (const auto& [site, crowd] : crowds) {
      std::unordered_set<std::uint64_t> calls;
      for (const Goroutine* goroutine : crowd) calls.insert(goroutine->creator);
      const LeakKind what = std::get<LeakKind>(site);
      if (calls.size() < (what == LeakKind::Context ? kContexts : kSpread)) continue;
      for (const Goroutine* goroutine : crowd)
        say(*goroutine, {.kind = what, .belief = Belief::Likely, .reason = LeakReason::Spread});
    }
  }

  // A plain send or receive in a handler does not end when its client leaves; a select may have that arm.
  [[nodiscard]] bool is_stuck_handler(const Goroutine& goroutine) const {
    if (goroutine.wait != WaitKind::ChanReceive && goroutine.wait != WaitKind::ChanSend) return false;
    return creator(goroutine) == "net/http.(*Server).Serve" && !is_infrastructure(traceback_, goroutine, symbols_);
  }

  [[nodiscard]] bool may_be_leaked(const Goroutine& goroutine,
                                   const std::set<std::pair<StringId, std::uint64_t>>& guilty) const {
    const std::string_view made_by = creator(goroutine);
    if (is_context_goroutine(made_by)) return true;
    if (model::is_standard_library(made_by) && !is_spawner(made_by)) return false;
    if (guilty.contains({goroutine.created_by, goroutine.creator})) return true;
    const WaitKind wait = wait_of(traceback_, goroutine, symbols_).kind;
    return needs_a_peer(wait) || wait == WaitKind::Sleep;
  }

  const Traceback& traceback_;
  const Symbols& symbols_;
  Creators creators_;
  std::unordered_map<const Goroutine*, Verdict> verdicts_;
};

using PlaceKey = std::tuple<LeakKind, Belief, LeakReason, StringId, StringId, std::uint32_t>;

/// Collects verdicts into places.
class Places {
 public:
  explicit Places(const Symbols& symbols) : symbols_(symbols) {}

  void add(const model::Evidence& evidence, const Traceback& traceback, const Judge& judge) {
    for (const Goroutine& goroutine : traceback.goroutines) {
      const Verdict* verdict = judge.of(goroutine);
      if (verdict == nullptr) continue;
      const WaitKind wait = wait_of(traceback, goroutine, symbols_).kind;
      BlockedSite& site = site_of(evidence, traceback, *verdict, place_of(traceback, goroutine), goroutine, wait);
      site.goroutines.push_back(&goroutine);
      site.one_creator &= goroutine.created_by == site.created_by && goroutine.created_line == site.created_line;
      site.orphans += judge.creators().outlived(goroutine);
      site.leaked += goroutine.leaked;
      site.oldest_minutes = std::max(site.oldest_minutes, goroutine.minutes);
    }
  }

  std::vector<LeakPlace> places;

 private:
  // The program's own frame; of a goroutine of the library alone, what it is: its outermost call.
  [[nodiscard]] model::TracebackFrame place_of(const Traceback& traceback, const Goroutine& goroutine) const {
    const model::TracebackFrame* of_x_sync = nullptr;
    model::TracebackFrame outermost;
    for (const auto& frame : traceback.frames_of(goroutine)) {
      const std::string_view function = symbols_.text(frame.function);
      // errgroup's own lines say nothing of whose group it is.
      if (model::package_of(function).starts_with("golang.org/x/sync/")) {
        if (of_x_sync == nullptr) of_x_sync = &frame;
        continue;
      }
      if (!symbols_.is_standard_library(frame.function)) return frame;
      const bool wrapper = !outermost.function.none() && is_go_wrapper(frame, goroutine, symbols_);
      if (!model::is_runtime(function) && !wrapper) outermost = frame;
    }
    return of_x_sync != nullptr ? *of_x_sync : outermost;
  }

  BlockedSite& site_of(const model::Evidence& evidence, const Traceback& traceback, const Verdict& verdict,
                       const model::TracebackFrame& place, const Goroutine& goroutine, WaitKind wait) {
    const PlaceKey key{verdict.kind, verdict.belief, verdict.reason, place.function, place.file, place.line};
    const std::size_t number = numbers_.try_emplace(key, places.size()).first->second;
    if (number == places.size())
      places.push_back({.kind = verdict.kind, .belief = verdict.belief, .reason = verdict.reason, .at = {}});
    auto& sites = places[number].at.sites;
    if (sites.empty() || sites.back().traceback != &traceback)
      sites.push_back({.evidence = &evidence,
                       .traceback = &traceback,
                       .wait = wait,
                       .place = place,
                       .created_by = goroutine.created_by,
                       .created_file = goroutine.created_file,
                       .created_line = goroutine.created_line});
    return sites.back();
  }

  const Symbols& symbols_;
  std::map<PlaceKey, std::size_t> numbers_;
};

// Lanes of a pipeline: a generator returns its channel, and the one who called it may be about to receive.
bool has_one_living_caller(const BlockedSite& site) {
  const std::uint64_t caller = site.goroutines.front()->creator;
  return caller != 0 &&
         std::ranges::all_of(site.goroutines, [&](const auto* goroutine) { return goroutine->creator == caller; }) &&
         std::ranges::any_of(site.traceback->goroutines, [&](const auto& goroutine) { return goroutine.id == caller; });
}

}  // namespace

bool is_abandoned_send(const BlockedSite& site) {
  if (site.wait != WaitKind::ChanSend || site.goroutines.size() < kFewestSenders || !site.one_creator) return false;
  if (site.leaked == site.goroutines.size()) return true;
  if (site.goroutines.size() < kSendersOfOneCaller && has_one_living_caller(site)) return false;
  return site.orphans >= kFewestSenders && site.orphans * 2 >= site.goroutines.size() && !site.one_batch();
}

std::vector<LeakPlace> leak_places(const model::Incident& incident, const std::vector<BlockedPlace>& blocked) {
  std::unordered_map<const Traceback*, std::vector<const BlockedSite*>> abandoned;
  for (const auto& place : blocked)
    for (const auto& site : place.sites)
      if (is_abandoned_send(site)) abandoned[site.traceback].push_back(&site);
  Places places(incident.symbols);
  for (const auto& evidence : incident.evidence) {
    if (!evidence.log) continue;
    for (const auto& traceback : evidence.log->tracebacks) {
      // One goroutine says nothing of others; a deadlock that the runtime reported has rules of its own.
      if (traceback.goroutines.size() < 2) continue;
      if (incident.symbols.text(traceback.fatal).starts_with("all goroutines are asleep")) continue;
      Judge judge(traceback, incident.symbols);
      judge.judge(abandoned[&traceback]);
      if (judge.found_any()) judge.add_candidates();
      places.add(evidence, traceback, judge);
    }
  }
  return std::move(places.places);
}

}  // namespace gopsy::analyze
