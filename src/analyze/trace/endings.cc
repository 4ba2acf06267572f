#include "analyze/trace/endings.h"

#include <algorithm>
#include <utility>

#include "analyze/trace/time_sums.h"
#include "analyze/trace/wait_kind.h"

namespace gopsy::analyze {

using model::GoState;
using model::TraceEnding;
using model::TracePast;

namespace {

TracePast past_of(const TraceContext& context, const StateInterval& one) {
  return {.begin_ns = one.begin_ns,
          .end_ns = one.end_ns,
          .begun_by = one.begun_by,
          .ended_by = one.state == GoState::Waiting ? context.goid(one.ended_by) : 0,
          .stack = one.stack,
          .end_stack = one.end_stack,
          .reason = one.reason,
          .state = one.state,
          .begun = one.begun,
          .ended = one.ended,
          .found = one.is(StateInterval::kFound)};
}

}  // namespace

void Endings::step(const TraceContext& context, std::span<const model::TraceEvent> /*events*/,
                   std::span<const StateInterval> ended) {
  if (lives_.size() < context.lives.size()) lives_.resize(context.lives.size());
  for (const StateInterval& one : ended) {
    Life& life = lives_[one.g];
    if (one.state == GoState::Running) {
      ++life.starts;
      add_ns(life.running_ns, one.length_ns());
    }
    if (one.is(StateInterval::kOpen)) {
      keep(context, one, life);
    } else if (one.next == GoState::NotExist) {
      end_life(context, one);
    } else {
      remember(life, context, one);
    }
  }
}

void Endings::remember(Life& life, const TraceContext& context, const StateInterval& one) {
  if (life.ring == 0) {
    life.ring = new_ring();
    if (life.ring == 0) return;
  }
  Ring& ring = rings_[life.ring - 1];
  ring.items[ring.count++ % TraceEnding::kPast] = past_of(context, one);
}

std::uint32_t Endings::new_ring() {
  if (!free_.empty()) {
    const std::uint32_t ring = free_.back();
    free_.pop_back();
    rings_[ring - 1].count = 0;
    return ring;
  }
  if (rings_.size() == TraceEnding::kRemembered) return 0;
  rings_.emplace_back();
  return static_cast<std::uint32_t>(rings_.size());
}

std::uint32_t Endings::function_row(const TraceContext& context, StringId name) {
  if (name.value >= functions_.size()) functions_.resize(name.value + std::size_t{64});
  std::uint32_t& row = functions_[name.value];
  if (row == 0) {
    ending_.functions.push_back({.name = name});
    runtime_.push_back(of_runtime(context.whole.symbols().text(name)));
    row = static_cast<std::uint32_t>(ending_.functions.size());
  }
  return row - 1;
}

void Endings::end_life(const TraceContext& context, const StateInterval& one) {
  const TraceLife& was = context.lives[one.g];
  const std::uint32_t row = function_row(context, was.function);
  TraceEnding::Function& of = ending_.functions[row];
  ++(was.found ? of.found : of.created);
  ++(was.found ? of.found_ended : of.ended);
  if (!runtime_[row]) ending_.last_end_ns = std::max(ending_.last_end_ns, one.end_ns);
  const Life life = std::exchange(lives_[one.g], {});
  if (life.ring != 0) free_.push_back(life.ring);
}

void Endings::keep(const TraceContext& context, const StateInterval& open, const Life& life) {
  const TraceLife& lives = context.lives[open.g];
  TraceEnding::Function& of = ending_.functions[function_row(context, lives.function)];
  ++(lives.found ? of.found : of.created);
  if (ending_.goroutines.size() == TraceEnding::kMost) {
    ++ending_.left_out;
    return;
  }
  TraceEnding::Goroutine g{.id = lives.goid,
                           .creator = lives.creator,
                           .born_ns = lives.born_ns,
                           .function = lives.function,
                           .start_stack = lives.start_stack,
                           .creation_stack = lives.creation_stack,
                           .found = lives.found,
                           .now = past_of(context, open),
                           .running_ns = life.running_ns,
                           .starts = life.starts,
                           .first_past = static_cast<std::uint32_t>(ending_.past.size()),
                           .pasts = 0};
  if (life.ring != 0) {
    const Ring& ring = rings_[life.ring - 1];
    g.pasts = static_cast<std::uint32_t>(std::min<std::uint64_t>(ring.count, TraceEnding::kPast));
    for (std::uint64_t i = ring.count - g.pasts; i < ring.count; ++i)
      ending_.past.push_back(ring.items[i % TraceEnding::kPast]);
  }
  ending_.goroutines.push_back(g);
}

void Endings::finish(const TraceContext& context) {
  ending_.first_ns = context.first_ns;
  ending_.last_ns = context.last_ns;
  // Damage may leave two lives of one id: the later one is meant by whoever asks for it.
  std::ranges::stable_sort(ending_.goroutines, std::ranges::less{}, &TraceEnding::Goroutine::id);
  rings_ = {};
  lives_ = {};
}

}  // namespace gopsy::analyze
