#include "rules/trace/growth.h"

#include <algorithm>
#include <map>

namespace gopsy::rules {
namespace {

using Goroutine = model::TraceEnding::Goroutine;

// From when on a wait counts: a tenth of the trace, ten thresholds at least.
std::int64_t long_wait_ns(const Trace& trace) {
  std::int64_t ns = 0;
  if (__builtin_mul_overflow(trace.facts.signs.threshold_ns, 10, &ns)) ns = INT64_MAX;
  return std::max(ns, trace.wall_ns() / 10);
}

bool waits_for_nobody(const Trace& trace, const Goroutine& g, std::int64_t least_ns) {
  return g.now.state == model::GoState::Waiting && g.now.length_ns() >= least_ns &&
         analyze::needs_a_goroutine(trace.wait(g.now.reason, g.now.stack));
}

std::vector<LeftBehind> made_all_along(const Trace& trace, bool waiting) {
  const model::TraceEnding& ending = trace.facts.ending;
  const std::int64_t least_ns = long_wait_ns(trace);
  const std::int64_t quarter_ns = (trace.wall_ns() - least_ns) / 4;
  if (quarter_ns <= 0) return {};
  std::map<StringId, std::vector<const Goroutine*>> by_function;
  for (const Goroutine& g : ending.goroutines) {
    if (g.found || !trace.own(g) || waits_for_nobody(trace, g, least_ns) != waiting) continue;
    // Young ones may end yet.
    if (ending.last_ns - g.born_ns >= least_ns) by_function[g.function].push_back(&g);
  }
  std::vector<LeftBehind> all;
  for (const auto& of : ending.functions) {
    const auto found = by_function.find(of.name);
    if (found == by_function.end() || found->second.size() < kFewestLeft) continue;
    LeftBehind left{.function = &of, .goroutines = found->second.size(), .least_age_ns = least_ns};
    for (const Goroutine* g : found->second)
      ++left.quarters[static_cast<std::size_t>(
          std::clamp<std::int64_t>((g->born_ns - ending.first_ns) / quarter_ns, 0, 3))];
    // Made at once, or in a burst: workers, requests of one moment.
    const auto used = std::ranges::count_if(left.quarters, [&](std::uint64_t n) { return n * 10 >= left.goroutines; });
    if (used < 3) continue;
    left.groups = groups_of(trace, found->second);
    all.push_back(std::move(left));
  }
  std::ranges::stable_sort(all, std::ranges::greater{}, &LeftBehind::goroutines);
  return all;
}

}  // namespace

std::vector<LeftBehind> left_behind(const Trace& trace) { return made_all_along(trace, true); }

std::vector<LeftBehind> lingering(const Trace& trace) {
  auto all = made_all_along(trace, false);
  // Most of them end: those that live are what is in flight.
  std::erase_if(all, [](const LeftBehind& left) { return left.function->ended > left.goroutines / 4; });
  return all;
}

}  // namespace gopsy::rules
