#include "analyze/trace/join.h"

#include <algorithm>

namespace gopsy::analyze {
namespace {

using model::TraceEnding;

// The function that the goroutine began in, by its printed stack; none where the outermost frames are left out.
StringId begins_in(const model::Traceback& traceback, const model::Goroutine& g, const model::Symbols& symbols) {
  if (g.elided_frames != 0 || g.cut) return {};
  const auto frames = traceback.frames_of(g);
  for (std::size_t i = frames.size(); i-- > 0;) {
    const std::string_view function = symbols.text(frames[i].function);
    if (function == "runtime.goexit" || function == "runtime.main") continue;
    return frames[i].function;
  }
  return {};
}

bool same_function(const model::Symbols& symbols, StringId a, StringId b) {
  return a == b || model::canonical_function(symbols.text(a)) == model::canonical_function(symbols.text(b));
}

}  // namespace

double TraceMatch::confidence() const {
  const int agree = int{same_start} + int{same_creator} + int{same_place} + int{same_code};
  return agree == 0 ? 0.4 : (agree == 1 ? 0.7 : (agree == 2 ? 0.9 : 0.97));
}

TraceIdentity::TraceIdentity(const model::TraceFacts& facts, const model::Symbols& symbols)
    : facts_(facts), symbols_(symbols) {
  for (const model::TracePlace& place : facts.stacks.places) {
    const model::Frame& frame = symbols.frame(place.frame);
    if (!symbols.is_standard_library(frame.function)) code_.emplace(frame.function, frame.file);
  }
}

bool TraceIdentity::knows_code_of(const model::Traceback& traceback, const model::Goroutine& g) const {
  return code_.contains({g.created_by, g.created_file}) ||
         std::ranges::any_of(traceback.frames_of(g), [&](const model::TracebackFrame& frame) {
           return code_.contains({frame.function, frame.file});
         });
}

std::optional<TraceMatch> TraceIdentity::find(const model::Traceback& traceback, const model::Goroutine& g) const {
  const TraceEnding::Goroutine* const there = facts_.ending.find(g.id);
  if (there == nullptr) return std::nullopt;
  TraceMatch match{.goroutine = there};
  const StringId start = begins_in(traceback, g, symbols_);
  if (g.id != 1 && !start.none() && !there->function.none()) {
    if (!same_function(symbols_, start, there->function)) return std::nullopt;
    match.same_start = true;
  }
  if (g.creator != 0 && there->creator != 0) {
    if (g.creator != there->creator) return std::nullopt;
    match.same_creator = true;
  }
  const auto made_in = facts_.stacks.stack(there->creation_stack);
  if (!g.created_by.none() && !made_in.empty()) {
    const model::Frame& frame = symbols_.frame(facts_.stacks.places[made_in.front()].frame);
    if (!same_function(symbols_, g.created_by, frame.function)) return std::nullopt;
    match.same_place = frame.line == g.created_line;
  }
  match.same_code = knows_code_of(traceback, g);
  return match;
}

}  // namespace gopsy::analyze
