#include "analyze/blocked_sites.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <unordered_set>

namespace gopsy::analyze {
namespace {

using model::Symbols;
using model::Traceback;

// Where the program waits: its own frame if there is one, else the library's that it called last.
const model::TracebackFrame* place_of(const Traceback& traceback, const model::Goroutine& goroutine, const Wait& wait, const Symbols& symbols) {
  for (const auto& frame : traceback.frames_of(goroutine))
    if (!model::is_standard_library(symbols.text(frame.function))) return &frame;
  return wait.place;
}

void add_sites(const model::Evidence& evidence, const Traceback& traceback, const Symbols& symbols, std::vector<BlockedSite>& sites) {
  std::unordered_set<std::uint64_t> alive;
  std::unordered_set<StringId> running_functions;
  for (const auto& goroutine : traceback.goroutines) alive.insert(goroutine.id);
  for (const auto& frame : traceback.frames) running_functions.insert(frame.function);

  std::map<std::tuple<model::WaitKind, StringId, StringId, std::uint32_t>, std::size_t> known;
  for (const auto& goroutine : traceback.goroutines) {
    const Wait wait = wait_of(traceback, goroutine, symbols);
    if (goroutine.system || !needs_a_peer(wait.kind)) continue;
    const auto* place = place_of(traceback, goroutine, wait, symbols);
    if (place == nullptr) continue;
    const auto [found, is_new] = known.try_emplace({wait.kind, place->function, place->file, place->line}, sites.size());
    if (is_new) {
      sites.push_back({.evidence = &evidence, .traceback = &traceback, .wait = wait.kind, .place = *place, .created_by = goroutine.created_by, .created_file = goroutine.created_file, .created_line = goroutine.created_line});
      sites.back().creator_function_alive = running_functions.contains(goroutine.created_by);
    }
    BlockedSite& site = sites[found->second];
    site.goroutines.push_back(&goroutine);
    site.one_creator &= goroutine.created_by == site.created_by && goroutine.created_line == site.created_line;
    site.creators_known += goroutine.creator != 0;
    site.creators_alive += goroutine.creator != 0 && alive.contains(goroutine.creator);
    site.leaked += goroutine.leaked;
    site.oldest_minutes = std::max(site.oldest_minutes, goroutine.minutes);
  }
}

}  // namespace

std::vector<BlockedSite> blocked_sites(const model::Incident& incident) {
  std::vector<BlockedSite> sites;
  for (const auto& evidence : incident.evidence) {
    if (!evidence.log) continue;
    for (const auto& traceback : evidence.log->tracebacks) add_sites(evidence, traceback, incident.symbols, sites);
  }
  std::ranges::stable_sort(sites, std::ranges::greater{}, [](const BlockedSite& site) { return site.goroutines.size(); });
  return sites;
}

}  // namespace gopsy::analyze
