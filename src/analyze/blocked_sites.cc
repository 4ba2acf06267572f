#include "analyze/blocked_sites.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <unordered_map>
#include <unordered_set>

namespace gopsy::analyze {
namespace {

using model::Goroutine;
using model::Symbols;
using model::Traceback;
using PlaceKey = std::tuple<model::WaitKind, StringId, StringId, std::uint32_t>;
using PlaceNumbers = std::map<PlaceKey, std::size_t>;

constexpr std::uint64_t kIdsPerBatch = 16;

// Where the program waits: its own frame if there is one, else the library's that it called last.
const model::TracebackFrame* place_of(const Traceback& traceback, const Goroutine& goroutine, const Wait& wait,
                                      const Symbols& symbols) {
  for (const auto& frame : traceback.frames_of(goroutine))
    if (!model::is_standard_library(symbols.text(frame.function))) return &frame;
  return wait.place;
}

/// Answers whether the call that started a goroutine is still under way.
class Creators {
 public:
  explicit Creators(const Traceback& traceback) : traceback_(traceback) {
    for (const auto& goroutine : traceback.goroutines) by_id_.emplace(goroutine.id, &goroutine);
    for (const auto& frame : traceback.frames) functions_.insert(frame.function);
  }

  [[nodiscard]] bool outlived(const Goroutine& goroutine) const {
    if (goroutine.created_by.none()) return false;
    if (goroutine.creator == 0) return !functions_.contains(goroutine.created_by);
    const auto creator = by_id_.find(goroutine.creator);
    if (creator == by_id_.end()) return true;
    return std::ranges::none_of(traceback_.frames_of(*creator->second),
                                [&](const auto& frame) { return frame.function == goroutine.created_by; });
  }

 private:
  const Traceback& traceback_;
  std::unordered_map<std::uint64_t, const Goroutine*> by_id_;
  std::unordered_set<StringId> functions_;
};

void add_sites(const model::Evidence& evidence, const Traceback& traceback, const Symbols& symbols,
               PlaceNumbers& numbers, std::vector<BlockedPlace>& places) {
  const Creators creators(traceback);
  for (const auto& goroutine : traceback.goroutines) {
    const Wait wait = wait_of(traceback, goroutine, symbols);
    if (goroutine.system || !needs_a_peer(wait.kind)) continue;
    const auto* place = place_of(traceback, goroutine, wait, symbols);
    if (place == nullptr) continue;
    const auto number =
        numbers.try_emplace({wait.kind, place->function, place->file, place->line}, places.size()).first->second;
    if (number == places.size()) places.emplace_back();
    auto& sites = places[number].sites;
    if (sites.empty() || sites.back().traceback != &traceback) {
      sites.push_back({.evidence = &evidence,
                       .traceback = &traceback,
                       .wait = wait.kind,
                       .place = *place,
                       .created_by = goroutine.created_by,
                       .created_file = goroutine.created_file,
                       .created_line = goroutine.created_line});
    }
    BlockedSite& site = sites.back();
    site.goroutines.push_back(&goroutine);
    site.one_creator &= goroutine.created_by == site.created_by && goroutine.created_line == site.created_line;
    site.orphans += creators.outlived(goroutine);
    site.leaked += goroutine.leaked;
    site.oldest_minutes = std::max(site.oldest_minutes, goroutine.minutes);
  }
}

}  // namespace

bool BlockedSite::one_batch() const {
  const auto [first, last] = std::ranges::minmax(goroutines, {}, &Goroutine::id);
  return last->id - first->id < goroutines.size() + kIdsPerBatch;
}

const BlockedSite& BlockedPlace::largest() const {
  return *std::ranges::max_element(sites, {}, [](const BlockedSite& site) { return site.goroutines.size(); });
}

std::vector<BlockedPlace> blocked_places(const model::Incident& incident) {
  std::vector<BlockedPlace> places;
  PlaceNumbers numbers;
  for (const auto& evidence : incident.evidence) {
    if (!evidence.log) continue;
    for (const auto& traceback : evidence.log->tracebacks)
      add_sites(evidence, traceback, incident.symbols, numbers, places);
  }
  std::ranges::stable_sort(places, std::ranges::greater{},
                           [](const BlockedPlace& place) { return place.largest().goroutines.size(); });
  return places;
}

}  // namespace gopsy::analyze
