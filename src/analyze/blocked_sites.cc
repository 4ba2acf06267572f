#include "analyze/blocked_sites.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "analyze/creators.h"

namespace gopsy::analyze {
namespace {

using model::Goroutine;
using model::Symbols;
using model::Traceback;
using PlaceKey = std::tuple<model::WaitKind, StringId, StringId, std::uint32_t>;
using PlaceNumbers = std::map<PlaceKey, std::size_t>;

constexpr std::uint64_t kIdsPerBatch = 16;

void add_sites(const model::Evidence& evidence, const Traceback& traceback, const Symbols& symbols,
               PlaceNumbers& numbers, std::vector<BlockedPlace>& places) {
  const Creators creators(traceback, symbols);
  for (const auto& goroutine : traceback.goroutines) {
    const Wait wait = wait_of(traceback, goroutine, symbols);
    if (goroutine.system || !needs_a_peer(wait.kind)) continue;
    const auto* place = program_place(traceback, goroutine, wait, symbols);
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

const model::TracebackFrame* program_place(const Traceback& traceback, const Goroutine& goroutine, const Wait& wait,
                                           const Symbols& symbols) {
  for (const auto& frame : traceback.frames_of(goroutine))
    if (!model::is_standard_library(symbols.text(frame.function))) return &frame;
  return wait.place;
}

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
