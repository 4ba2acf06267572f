#include "analyze/trace/timeline.h"

#include <algorithm>
#include <utility>

#include "analyze/trace/durations.h"

namespace gopsy::analyze {

using model::GoState;
using model::TraceEvent;
using model::TraceType;

namespace {

constexpr std::size_t kBuckets = LevelBuckets::kBuckets;

constexpr std::uint64_t kSeen = [] {
  using enum TraceType;
  std::uint64_t seen = 0;
  for (const auto type : {Sync, StwBegin, StwEnd, GcActive, GcBegin, GcEnd, HeapAlloc, HeapGoal, ProcsChange, ProcStart,
                          ProcStop, ProcSteal, ProcStatus, GoCreate, GoCreateSyscall, GoCreateBlocked})
    seen |= std::uint64_t{1} << static_cast<unsigned>(type);
  return seen;
}();

template <class Value, class Join>
void halve(std::array<Value, kBuckets>& values, Join join) {
  for (std::size_t i = 0; i < kBuckets; ++i)
    values[i] = i < kBuckets / 2 ? join(values[2 * i], values[(2 * i) + 1]) : Value{};
}

}  // namespace

std::vector<double> LevelBuckets::areas(std::int64_t bucket_ns) const {
  std::vector<double> areas(partial_.begin(), partial_.end());
  std::int64_t level = 0;
  for (std::size_t i = 0; i < kBuckets; ++i) {
    level += full_[i];
    areas[i] += static_cast<double>(level) * static_cast<double>(bucket_ns);
  }
  return areas;
}

void LevelBuckets::halve(std::int64_t bucket_ns) {
  std::ranges::copy(areas(bucket_ns), partial_.begin());
  full_ = {};
  analyze::halve(partial_, [](double a, double b) { return a + b; });
}

std::size_t Timeline::bucket(std::int64_t ns) {
  const auto since = static_cast<std::uint64_t>(std::max<std::int64_t>(between(origin_ns_, ns), 0));
  while (since >> shift_ >= kBuckets) {
    const std::int64_t bucket_ns = std::int64_t{1} << shift_;
    for (LevelBuckets& buckets : states_) buckets.halve(bucket_ns);
    for (Level* level : {&procs_, &gomaxprocs_, &marking_, &stopped_}) level->buckets.halve(bucket_ns);
    halve(heap_, [](std::uint64_t a, std::uint64_t b) { return std::max(a, b); });
    halve(goal_, [](std::uint64_t a, std::uint64_t b) { return b != 0 ? b : a; });
    halve(created_, [](std::uint64_t a, std::uint64_t b) { return a + b; });
    ++shift_;
  }
  return since >> shift_;
}

void Timeline::span(LevelBuckets& buckets, std::int64_t begin_ns, std::int64_t end_ns, std::int64_t level) {
  if (end_ns <= begin_ns) return;
  const std::size_t to = bucket(end_ns);
  const std::size_t from = bucket(begin_ns);
  const std::int64_t bucket_ns = std::int64_t{1} << shift_;
  const std::int64_t mask = bucket_ns - 1;
  buckets.add(from, to, std::max<std::int64_t>(between(origin_ns_, begin_ns), 0) & mask,
              std::max<std::int64_t>(between(origin_ns_, end_ns), 0) & mask, level, bucket_ns);
}

void Timeline::set(Level& level, std::int64_t ns, std::int64_t now) {
  if (started_ && level.level != 0) span(level.buckets, std::max(level.since_ns, origin_ns_), ns, level.level);
  level.level = now;
  level.since_ns = ns;
}

void Timeline::proc(std::uint32_t row, bool runs, std::int64_t ns) {
  if (row >= runs_.size()) runs_.resize(row + std::size_t{1});
  if (runs_[row] == runs) return;
  runs_[row] = runs;
  set(procs_, ns, procs_.level + (runs ? 1 : -1));
}

void Timeline::event(const TraceEvent& event, bool counts) {
  switch (event.type) {
    case TraceType::Sync: sync_ns_ = event.time_ns; break;
    case TraceType::StwBegin:
    case TraceType::StwEnd: set(stopped_, event.time_ns, event.type == TraceType::StwBegin ? 1 : 0); break;
    case TraceType::GcActive:
      if (marking_.level == 0) set(marking_, sync_ns_, 1);
      break;
    case TraceType::GcBegin:
    case TraceType::GcEnd: set(marking_, event.time_ns, event.type == TraceType::GcBegin ? 1 : 0); break;
    case TraceType::HeapAlloc:
      heap_before_ = event.value;
      if (counts) {
        std::uint64_t& heap = heap_[bucket(event.time_ns)];
        heap = std::max(heap, event.value);
      }
      break;
    case TraceType::HeapGoal:
      goal_before_ = event.value;
      if (counts) goal_[bucket(event.time_ns)] = event.value;
      break;
    case TraceType::ProcsChange:
      // Said again by each generation.
      if (gomaxprocs_.level == 0 && counts) gomaxprocs_.since_ns = origin_ns_;
      if (gomaxprocs_.level == static_cast<std::int64_t>(event.value)) break;
      set(gomaxprocs_, gomaxprocs_.level == 0 && counts ? origin_ns_ : event.time_ns,
          static_cast<std::int64_t>(std::min<std::uint64_t>(event.value, UINT32_MAX)));
      break;
    case TraceType::ProcStart:
    case TraceType::ProcStop:
    case TraceType::ProcSteal:
    case TraceType::ProcStatus:
      proc(event.subject, event.to == static_cast<std::uint8_t>(model::ProcState::Running), event.time_ns);
      break;
    default:
      if (counts) ++created_[bucket(event.time_ns)];
  }
}

void Timeline::before(const TraceContext&, std::span<const TraceEvent> events) {
  for (const TraceEvent& one : events)
    if (static_cast<unsigned>(one.type) < 64 && (kSeen >> static_cast<unsigned>(one.type) & 1) != 0) event(one, false);
}

void Timeline::step(const TraceContext& context, std::span<const TraceEvent> events,
                    std::span<const StateInterval> ended) {
  if (!std::exchange(started_, true)) {
    origin_ns_ = context.first_ns;
    heap_[0] = heap_before_;
    goal_[0] = goal_before_;
  }
  for (const TraceEvent& one : events)
    if (static_cast<unsigned>(one.type) < 64 && (kSeen >> static_cast<unsigned>(one.type) & 1) != 0) event(one, true);
  for (const StateInterval& one : ended) {
    LevelBuckets& state = states_[static_cast<std::size_t>(one.state)];
    // Nearly all begin and end in one bucket.
    const std::uint64_t begin = static_cast<std::uint64_t>(one.begin_ns) - static_cast<std::uint64_t>(origin_ns_);
    const std::uint64_t end = static_cast<std::uint64_t>(one.end_ns) - static_cast<std::uint64_t>(origin_ns_);
    if (begin >> shift_ == end >> shift_ && end >> shift_ < kBuckets && begin <= end) [[likely]]
      state.add_within(end >> shift_, end - begin);
    else
      span(state, one.begin_ns, one.end_ns, 1);
  }
}

void Timeline::finish(const TraceContext& context) {
  timeline_.first_ns = context.first_ns;
  timeline_.last_ns = context.last_ns;
  const std::int64_t length = between(context.first_ns, context.last_ns);
  if (!started_ || length <= 0) return;
  const std::size_t last = bucket(context.last_ns);
  for (Level* level : {&procs_, &gomaxprocs_, &marking_, &stopped_}) set(*level, context.last_ns, 0);
  const std::int64_t bucket_ns = std::int64_t{1} << shift_;
  timeline_.bucket_ns = bucket_ns;
  const std::int64_t rest = length & (bucket_ns - 1);
  const std::size_t count = rest == 0 ? std::max<std::size_t>(last, 1) : last + 1;
  const auto means = [&](const LevelBuckets& buckets) {
    std::vector<double> levels = buckets.areas(bucket_ns);
    levels.resize(count);
    for (std::size_t i = 0; i < count; ++i)
      levels[i] /= static_cast<double>(i + 1 == count && rest != 0 ? rest : bucket_ns);
    return levels;
  };
  const auto state = [&](GoState of) { return means(states_[static_cast<std::size_t>(of)]); };
  timeline_.running = state(GoState::Running);
  timeline_.runnable = state(GoState::Runnable);
  timeline_.waiting = state(GoState::Waiting);
  timeline_.syscall = state(GoState::Syscall);
  timeline_.procs = means(procs_.buckets);
  timeline_.gomaxprocs = means(gomaxprocs_.buckets);
  timeline_.marking = means(marking_.buckets);
  timeline_.stopped = means(stopped_.buckets);
  for (std::size_t i = 0; i < count; ++i) {
    timeline_.threads.push_back(timeline_.running[i] + timeline_.syscall[i]);
    const bool before = i > 0;
    timeline_.heap.push_back(heap_[i] == 0 && before ? timeline_.heap[i - 1] : heap_[i]);
    timeline_.goal.push_back(goal_[i] == 0 && before ? timeline_.goal[i - 1] : goal_[i]);
    timeline_.created.push_back(created_[i]);
  }
}

}  // namespace gopsy::analyze
