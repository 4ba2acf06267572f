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

/// Where the goroutines of one stack wait, asked once for each stack and state.
struct Answer {
  bool known = false;
  model::WaitKind state = model::WaitKind::None;
  model::WaitKind wait = model::WaitKind::None;
  bool blocked = false;    ///< it needs a peer, and a place is known
  std::size_t number = 0;  ///< of the place
};

class Sites {
 public:
  Sites(const Symbols& symbols, std::vector<BlockedPlace>& places) : symbols_(symbols), places_(places) {}

  void add(const model::Evidence& evidence, const Traceback& traceback) {
    const Creators creators(traceback, symbols_);
    answers_.assign(traceback.goroutines.size(), {});
    for (const auto& goroutine : traceback.goroutines) {
      const Answer answer = goroutine.system ? Answer{} : answer_for(traceback, goroutine);
      if (!answer.blocked) continue;
      BlockedSite& site = site_of(evidence, traceback, goroutine, answer);
      site.goroutines.push_back(&goroutine);
      site.one_creator &= goroutine.created_by == site.created_by && goroutine.created_line == site.created_line;
      site.orphans += creators.outlived(goroutine);
      site.leaked += goroutine.leaked;
      site.oldest_minutes = std::max(site.oldest_minutes, goroutine.minutes);
    }
  }

 private:
  const Answer& answer_for(const Traceback& traceback, const Goroutine& goroutine) {
    const auto own = static_cast<std::size_t>(&goroutine - traceback.goroutines.data());
    Answer& answer = answers_[std::min<std::size_t>(goroutine.same_stack_as, own)];
    if (answer.known && answer.state == goroutine.wait) return answer;
    const Wait wait = wait_of(traceback, goroutine, symbols_);
    answer = {.known = true, .state = goroutine.wait, .wait = wait.kind};
    const auto* place = needs_a_peer(wait.kind) ? program_place(traceback, goroutine, wait, symbols_) : nullptr;
    if (place == nullptr) return answer;
    answer.blocked = true;
    answer.number =
        numbers_.try_emplace({wait.kind, place->function, place->file, place->line}, places_.size()).first->second;
    if (answer.number == places_.size()) places_.emplace_back();
    return answer;
  }

  BlockedSite& site_of(const model::Evidence& evidence, const Traceback& traceback, const Goroutine& goroutine,
                       const Answer& answer) {
    auto& sites = places_[answer.number].sites;
    if (sites.empty() || sites.back().traceback != &traceback) {
      const Wait wait = wait_of(traceback, goroutine, symbols_);
      sites.push_back({.evidence = &evidence,
                       .traceback = &traceback,
                       .wait = answer.wait,
                       .place = *program_place(traceback, goroutine, wait, symbols_),
                       .created_by = goroutine.created_by,
                       .created_file = goroutine.created_file,
                       .created_line = goroutine.created_line});
    }
    return sites.back();
  }

  const Symbols& symbols_;
  std::vector<BlockedPlace>& places_;
  PlaceNumbers numbers_;
  std::vector<Answer> answers_;  // by the first goroutine that has the stack
};

}  // namespace

const model::TracebackFrame* program_place(const Traceback& traceback, const Goroutine& goroutine, const Wait& wait,
                                           const Symbols& symbols) {
  for (const auto& frame : traceback.frames_of(goroutine))
    if (!symbols.is_standard_library(frame.function)) return &frame;
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
  Sites sites(incident.symbols, places);
  for (const auto& evidence : incident.evidence) {
    if (!evidence.log) continue;
    for (const auto& traceback : evidence.log->tracebacks) sites.add(evidence, traceback);
  }
  std::ranges::stable_sort(places, std::ranges::greater{},
                           [](const BlockedPlace& place) { return place.largest().goroutines.size(); });
  return places;
}

}  // namespace gopsy::analyze
