#include "analyze/trace/state_times.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace gopsy::analyze {

using model::GoState;
using model::TraceEvent;
using model::TraceTimes;
using model::TraceType;

namespace {

// Damaged times may be as far apart as numbers go: differences and sums end at the largest.
std::int64_t between(std::int64_t from_ns, std::int64_t to_ns) {
  std::int64_t ns = 0;
  return __builtin_sub_overflow(to_ns, from_ns, &ns) ? INT64_MAX : ns;
}

void add(std::int64_t& sum_ns, std::int64_t ns) {
  if (__builtin_add_overflow(sum_ns, ns, &sum_ns)) sum_ns = INT64_MAX;
}

std::int64_t& of_state(model::TraceStates& states, GoState state) {
  switch (state) {
    case GoState::Running: return states.running_ns;
    case GoState::Runnable: return states.runnable_ns;
    case GoState::Waiting: return states.waiting_ns;
    case GoState::Syscall: return states.syscall_ns;
    default: return states.unknown_ns;
  }
}

void add(model::TraceStates& sum, const model::TraceStates& states) {
  add(sum.running_ns, states.running_ns);
  add(sum.runnable_ns, states.runnable_ns);
  add(sum.waiting_ns, states.waiting_ns);
  add(sum.syscall_ns, states.syscall_ns);
  add(sum.unknown_ns, states.unknown_ns);
}

}  // namespace

void StateTimes::step(const TraceContext& context, std::span<const TraceEvent> events,
                      std::span<const StateInterval> ended) {
  for (const TraceEvent& event : events)
    if (event.type == TraceType::StwBegin || event.type == TraceType::StwEnd) stop(context, event);
  if (lives_.size() < context.lives.size()) lives_.resize(context.lives.size());
  for (const StateInterval& one : ended) interval(context, one);
}

void StateTimes::interval(const TraceContext& context, const StateInterval& one) {
  const std::int64_t spent = one.length_ns();
  add(of_state(lives_[one.g].states, one.state), spent);
  add(lives_[one.g].ns, spent);
  if (one.state == GoState::Runnable && one.next == GoState::Running && !one.is(StateInterval::kOpen)) waited(spent);
  if (one.state == GoState::Waiting) {
    if (one.reason != last_reason_ || last_row_ == UINT32_MAX) {
      last_reason_ = one.reason;
      last_row_ = reason_row(context, times_.blocked, blocked_rows_, one.reason);
    }
    TraceTimes::Reason& reason = times_.blocked[last_row_];
    ++reason.count;
    add(reason.total_ns, spent);
    reason.longest_ns = std::max(reason.longest_ns, spent);
  }
  if (one.next == GoState::NotExist || one.is(StateInterval::kOpen)) end_life(context, one.g);
}

void StateTimes::end_life(const TraceContext& context, std::uint32_t g) {
  const Life life = std::exchange(lives_[g], {});
  TraceTimes::Function& function = times_.functions[function_row(context, context.lives[g].function)];
  ++times_.goroutines;
  ++function.goroutines;
  add(times_.all, life.states);
  add(function.states, life.states);
  add(times_.lives_ns, life.ns);
}

void StateTimes::stop(const TraceContext& context, const TraceEvent& event) {
  if (event.type == TraceType::StwBegin) {
    stopping_[event.g] = event.time_ns;
    return;
  }
  const auto begun = stopping_.find(event.g);
  if (begun == stopping_.end()) return;
  const std::int64_t took = between(begun->second, event.time_ns);
  stopping_.erase(begun);
  TraceTimes::Reason& kind =
      times_.stops[reason_row(context, times_.stops, stop_rows_, context.whole.text(event.value))];
  ++kind.count;
  add(kind.total_ns, took);
  kind.longest_ns = std::max(kind.longest_ns, took);
}

void StateTimes::waited(std::int64_t ns) {
  const auto value = static_cast<std::uint64_t>(std::max<std::int64_t>(ns, 1));
  const auto octave = static_cast<unsigned>(std::bit_width(value)) - 1;
  const std::uint64_t step = octave < 5 ? value << (5 - octave) : value >> (octave - 5);
  ++latencies_[octave * kSteps + (step & (kSteps - 1))];
  ++times_.latency.count;
  times_.latency.longest_ns = std::max(times_.latency.longest_ns, ns);
}

std::int64_t StateTimes::percentile(double share) const {
  std::uint64_t before = 0;
  const auto wanted = static_cast<std::uint64_t>(share * static_cast<double>(times_.latency.count));
  for (std::size_t i = 0; i < latencies_.size(); ++i) {
    before += latencies_[i];
    if (before <= wanted) continue;
    const double low = static_cast<double>(std::uint64_t{1} << (i / kSteps));
    const auto value = static_cast<std::int64_t>(low * (1.0 + static_cast<double>(i % kSteps) / kSteps));
    return std::min(value, times_.latency.longest_ns);
  }
  return times_.latency.longest_ns;
}

std::uint32_t StateTimes::reason_row(const TraceContext& context, std::vector<TraceTimes::Reason>& rows, Rows& index,
                                     StringId name) {
  const auto [place, is_new] = index.try_emplace(name, static_cast<std::uint32_t>(rows.size()));
  if (is_new)
    rows.push_back(
        {.name = std::string(context.whole.symbols().text(name)), .count = 0, .total_ns = 0, .longest_ns = 0});
  return place->second;
}

std::uint32_t StateTimes::function_row(const TraceContext& context, StringId name) {
  const auto [place, is_new] = function_rows_.try_emplace(name, static_cast<std::uint32_t>(times_.functions.size()));
  if (is_new)
    times_.functions.push_back(
        {.name = std::string(context.whole.symbols().text(name)), .goroutines = 0, .states = {}});
  return place->second;
}

void StateTimes::finish(const TraceContext& context) {
  times_.wall_ns = between(context.first_ns, context.last_ns);
  times_.latency.p50_ns = percentile(0.5);
  times_.latency.p99_ns = percentile(0.99);
  const auto longer = [](const TraceTimes::Reason& a, const TraceTimes::Reason& b) { return a.total_ns > b.total_ns; };
  std::stable_sort(times_.blocked.begin(), times_.blocked.end(), longer);
  std::stable_sort(times_.stops.begin(), times_.stops.end(), longer);
  std::stable_sort(times_.functions.begin(), times_.functions.end(), [](const auto& a, const auto& b) {
    return std::pair(a.states.running_ns, a.goroutines) > std::pair(b.states.running_ns, b.goroutines);
  });
}

}  // namespace gopsy::analyze
