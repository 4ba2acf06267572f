#include "analyze/trace/life_story.h"

#include <algorithm>
#include <utility>

#include "analyze/trace/state_times.h"

namespace gopsy::analyze {
namespace {

constexpr std::size_t kLongest = 10;
constexpr std::size_t kLast = 10;

bool is_creation(model::TraceType type) {
  return type == model::TraceType::GoCreate || type == model::TraceType::GoCreateBlocked;
}

}  // namespace

void LifeStory::step(const TraceContext& context, std::span<const model::TraceEvent> events,
                     std::span<const StateInterval> ended) {
  if (story_.goid == 0) return;
  for (const model::TraceEvent& event : events) {
    if (!is_creation(event.type)) continue;
    if (context.goid(event.g) == story_.goid) ++story_.created;
    if (event.subject < context.lives.size() && context.lives[event.subject].goid == story_.goid &&
        event.g < context.lives.size())
      story_.creator_function = context.lives[event.g].function;
  }
  for (const StateInterval& one : ended)
    if (context.goid(one.g) == story_.goid) interval(context, one);
}

void LifeStory::interval(const TraceContext& context, const StateInterval& one) {
  story_.seen = true;
  ++story_.steps;
  const bool open = one.is(StateInterval::kOpen);
  const bool woken = one.state == model::GoState::Waiting && one.ended_by != 0 && !open;
  model::TraceLifeStory::Step step{.begin_ns = one.begin_ns,
                                   .length_ns = one.length_ns(),
                                   .what = state_words(context, one),
                                   .stack = one.stack,
                                   .waker = woken ? context.goid(one.ended_by) : 0,
                                   .waker_function = woken && one.ended_by < context.lives.size()
                                                         ? context.lives[one.ended_by].function
                                                         : StringId(),
                                   .waker_stack = woken ? one.end_stack : 0,
                                   .open = open};
  if (one.state != model::GoState::Running) {
    auto& longest = story_.longest;
    const auto place = std::ranges::upper_bound(longest, step.length_ns, std::ranges::greater{},
                                                &model::TraceLifeStory::Step::length_ns);
    if (place != longest.end() || longest.size() < kLongest) {
      longest.insert(place, step);
      if (longest.size() > kLongest) longest.pop_back();
    }
  }
  if (story_.last.size() == kLast) story_.last.erase(story_.last.begin());
  story_.last.push_back(std::move(step));
}

}  // namespace gopsy::analyze
