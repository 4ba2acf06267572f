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

bool changes_goroutine(TraceType type) {
  using enum TraceType;
  return (type >= GoCreate && type <= GoStatus) || (type >= GoSwitch && type <= GoStatusStack);
}

// Damaged times may be as far apart as numbers go: differences and sums end at the largest.
std::int64_t between(std::int64_t from_ns, std::int64_t to_ns) {
  std::int64_t ns = 0;
  return __builtin_sub_overflow(to_ns, from_ns, &ns) ? INT64_MAX : ns;
}

void add(std::int64_t& sum_ns, std::int64_t ns) {
  if (__builtin_add_overflow(sum_ns, ns, &sum_ns)) sum_ns = INT64_MAX;
}

}  // namespace

void StateTimes::generation(const model::TraceTables& tables, const model::TraceNames&) {
  tables_ = &tables;
  reason_of_string_.clear();
  function_of_stack_.clear();
}

void StateTimes::events(std::span<const TraceEvent> chunk) {
  for (const TraceEvent& one : chunk) event(one);
}

void StateTimes::event(const TraceEvent& event) {
  if (!any_) first_ns_ = event.time_ns;
  any_ = true;
  last_ns_ = event.time_ns;
  if (changes_goroutine(event.type)) {
    change(event);
  } else if (event.type == TraceType::StwBegin || event.type == TraceType::StwEnd) {
    stop(event);
  }
}

void StateTimes::change(const TraceEvent& event) {
  if (event.subject == 0) return;
  if (event.subject >= goroutines_.size()) goroutines_.resize(event.subject + 1);
  Goroutine& goroutine = goroutines_[event.subject];
  const auto from = static_cast<GoState>(event.from);
  const auto to = static_cast<GoState>(event.to);
  if (to == GoState::NotExist) return die(goroutine, event.time_ns);
  const bool is_new = from == GoState::NotExist || from == GoState::Undetermined;
  if (is_new || goroutine.state == GoState::NotExist) {
    die(goroutine, event.time_ns);
    const bool created = event.type == TraceType::GoCreate || event.type == TraceType::GoCreateBlocked;
    goroutine = {.born_ns = event.time_ns,
                 .since_ns = event.time_ns,
                 .reason = 0,
                 .function = function_row(created ? event.other : event.stack),
                 .state = to};
    ++times_.goroutines;
    ++times_.functions[goroutine.function].goroutines;
  } else if (goroutine.state != to) {
    if (goroutine.state == GoState::Runnable && to == GoState::Running)
      waited(between(goroutine.since_ns, event.time_ns));
    spend(goroutine, event.time_ns);
    goroutine.state = to;
  } else {
    return;
  }
  if (to != GoState::Waiting) return;
  const std::uint64_t text = event.type == TraceType::GoBlock ? event.value : 0;
  if (text >= reason_of_string_.size()) reason_of_string_.resize(text + 1);
  std::uint32_t& known = reason_of_string_[text];
  if (known == 0) known = reason_row(times_.blocked, blocked_rows_, tables_->text(text)) + 1;
  goroutine.reason = known - 1;
}

void StateTimes::spend(Goroutine& goroutine, std::int64_t now_ns) {
  const std::int64_t spent = between(goroutine.since_ns, now_ns);
  goroutine.since_ns = now_ns;
  for (model::TraceStates* states : {&times_.all, &times_.functions[goroutine.function].states}) {
    switch (goroutine.state) {
      case GoState::Running: add(states->running_ns, spent); break;
      case GoState::Runnable: add(states->runnable_ns, spent); break;
      case GoState::Waiting: add(states->waiting_ns, spent); break;
      case GoState::Syscall: add(states->syscall_ns, spent); break;
      default: add(states->unknown_ns, spent); break;
    }
  }
  if (goroutine.state != GoState::Waiting) return;
  TraceTimes::Reason& reason = times_.blocked[goroutine.reason];
  ++reason.count;
  add(reason.total_ns, spent);
  reason.longest_ns = std::max(reason.longest_ns, spent);
}

void StateTimes::die(Goroutine& goroutine, std::int64_t now_ns) {
  if (goroutine.state == GoState::NotExist) return;
  spend(goroutine, now_ns);
  add(times_.lives_ns, between(goroutine.born_ns, now_ns));
  goroutine.state = GoState::NotExist;
}

void StateTimes::stop(const TraceEvent& event) {
  if (event.type == TraceType::StwBegin) {
    stopping_[event.g] = event.time_ns;
    return;
  }
  const auto begun = stopping_.find(event.g);
  if (begun == stopping_.end()) return;
  const std::int64_t took = between(begun->second, event.time_ns);
  stopping_.erase(begun);
  TraceTimes::Reason& kind = times_.stops[reason_row(times_.stops, stop_rows_, tables_->text(event.value))];
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

std::uint32_t StateTimes::reason_row(std::vector<TraceTimes::Reason>& rows, std::map<StringId, std::uint32_t>& index,
                                     std::string_view name) {
  const auto [place, is_new] = index.try_emplace(texts_.intern(name), static_cast<std::uint32_t>(rows.size()));
  if (is_new) rows.push_back({.name = std::string(name), .count = 0, .total_ns = 0, .longest_ns = 0});
  return place->second;
}

std::uint32_t StateTimes::function_row(std::uint64_t stack) {
  if (stack >= function_of_stack_.size()) function_of_stack_.resize(stack + 1);
  if (function_of_stack_[stack] != 0) return function_of_stack_[stack] - 1;
  const auto frames = tables_->stack(stack);
  // The stack of a new goroutine is where it begins; of one that was found, the outermost frame is.
  const std::string_view name = frames.empty() ? "" : tables_->text(tables_->frames[frames.back()].function);
  const auto [place, is_new] =
      function_rows_.try_emplace(texts_.intern(name), static_cast<std::uint32_t>(times_.functions.size()));
  if (is_new) times_.functions.push_back({.name = std::string(name), .goroutines = 0, .states = {}});
  function_of_stack_[stack] = place->second + 1;
  return place->second;
}

TraceTimes StateTimes::take() {
  for (Goroutine& goroutine : goroutines_) die(goroutine, last_ns_);
  times_.wall_ns = between(first_ns_, last_ns_);
  times_.latency.p50_ns = percentile(0.5);
  times_.latency.p99_ns = percentile(0.99);
  const auto longer = [](const TraceTimes::Reason& a, const TraceTimes::Reason& b) { return a.total_ns > b.total_ns; };
  std::stable_sort(times_.blocked.begin(), times_.blocked.end(), longer);
  std::stable_sort(times_.stops.begin(), times_.stops.end(), longer);
  std::stable_sort(times_.functions.begin(), times_.functions.end(), [](const auto& a, const auto& b) {
    return std::pair(a.states.running_ns, a.goroutines) > std::pair(b.states.running_ns, b.goroutines);
  });
  return std::move(times_);
}

}  // namespace gopsy::analyze
