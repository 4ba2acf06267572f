#include "analyze/trace/state_times.h"

#include <algorithm>
#include <utility>

namespace gopsy::analyze {

using model::GoState;
using model::TraceEvent;
using model::TraceTimes;
using model::TraceType;

namespace {

constexpr std::uint32_t kUnknownOwner = UINT32_MAX;

template <class... Types>
constexpr std::uint64_t mask_of(Types... types) {
  return ((std::uint64_t{1} << static_cast<unsigned>(types)) | ...);
}

// Most events only change what a goroutine does, and come as intervals.
constexpr std::uint64_t kSeen = [] {
  using enum TraceType;
  return mask_of(StwBegin, StwEnd, GcActive, GcBegin, GcEnd, SweepActive, SweepBegin, SweepEnd, AssistActive,
                 AssistBegin, AssistEnd, Sync, ProcStop, ProcSteal, GoSyscallBegin, GoCreate, GoCreateSyscall,
                 GoCreateBlocked, GoStatus, GoStatusStack);
}();

bool is_seen(TraceType type) {
  const auto bit = static_cast<unsigned>(type);
  return bit < 64 && (kSeen >> bit & 1) != 0;
}

model::TraceStates states_of(const std::array<std::int64_t, 6>& ns) {
  const auto of = [&](GoState state) { return ns[static_cast<std::size_t>(state)]; };
  model::TraceStates states{.running_ns = of(GoState::Running),
                            .runnable_ns = of(GoState::Runnable),
                            .waiting_ns = of(GoState::Waiting),
                            .syscall_ns = of(GoState::Syscall),
                            .unknown_ns = of(GoState::Undetermined)};
  add_ns(states.unknown_ns, of(GoState::NotExist));
  return states;
}

void add(model::TraceSpent& sum, const model::TraceSpent& spent) {
  add_ns(sum.syscall_blocked_ns, spent.syscall_blocked_ns);
  add_ns(sum.assist_ns, spent.assist_ns);
  add_ns(sum.sweep_ns, spent.sweep_ns);
  add_ns(sum.stopping_ns, spent.stopping_ns);
  add_ns(sum.in_mark_ns, spent.in_mark_ns);
  add_ns(sum.in_stop_ns, spent.in_stop_ns);
  sum.runs += spent.runs;
  sum.waits += spent.waits;
  sum.syscalls += spent.syscalls;
  sum.syscalls_blocked += spent.syscalls_blocked;
  sum.assists += spent.assists;
  sum.sweeps += spent.sweeps;
  sum.stops += spent.stops;
}

bool longer_reason(const TraceTimes::Reason& a, const TraceTimes::Reason& b) { return a.total_ns > b.total_ns; }

void longest_first(std::vector<model::TraceBlockedOn>& blocked) {
  std::ranges::stable_sort(blocked, std::ranges::greater{}, &model::TraceBlockedOn::total_ns);
}

}  // namespace

void StateTimes::make_room(const TraceContext& context) {
  const std::size_t goroutines = std::max(context.lives.size(), context.names->goroutines.size());
  if (lives_.size() < goroutines) {
    lives_.resize(goroutines);
    ranges_.resize(goroutines);
  }
  const std::size_t procs = context.names->procs.size();
  if (in_syscall_.size() < procs) {
    in_syscall_.resize(procs);
    sweeping_.resize(procs);
  }
}

void StateTimes::before(const TraceContext& context, std::span<const TraceEvent> events) {
  make_room(context);
  for (const TraceEvent& one : events)
    if (is_seen(one.type)) event(context, one, false);
}

void StateTimes::step(const TraceContext& context, std::span<const TraceEvent> events,
                      std::span<const StateInterval> ended) {
  // Of what is open in the end there are no names any more, and nothing that was not seen before.
  if (!events.empty()) make_room(context);
  std::size_t next = 0;
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (!is_seen(events[i].type)) continue;
    while (next < ended.size() && ended[next].at <= i) interval(context, ended[next++]);
    event(context, events[i], true);
  }
  while (next < ended.size()) interval(context, ended[next++]);
}

void StateTimes::event(const TraceContext& context, const TraceEvent& event, bool counts) {
  switch (event.type) {
    case TraceType::GoCreate:
    case TraceType::GoCreateSyscall:
    case TraceType::GoCreateBlocked:
    case TraceType::GoStatus:
    case TraceType::GoStatusStack:
      if (counts && event.from <= static_cast<std::uint8_t>(GoState::NotExist)) born(context, event);
      break;
    case TraceType::GoSyscallBegin:
      if (event.p < in_syscall_.size()) in_syscall_[event.p] = event.g;
      lives_[event.g].stolen_ns = kNever;
      break;
    case TraceType::ProcStop:
    case TraceType::ProcSteal:
      if (event.subject < in_syscall_.size())
        if (const std::uint32_t g = std::exchange(in_syscall_[event.subject], 0); g != 0)
          lives_[g].stolen_ns = event.time_ns;
      break;
    case TraceType::Sync:
      sync_ns_ = event.time_ns;
      mark_at_sync_ns_ = marking_.at(event.time_ns, context.first_ns);
      stop_at_sync_ns_ = stopping_.at(event.time_ns, context.first_ns);
      break;
    case TraceType::StwBegin:
    case TraceType::StwEnd: stop(context, event); break;
    case TraceType::GcActive:
    case TraceType::GcBegin:
    case TraceType::GcEnd: phase(context, event); break;
    default: range(context, event);
  }
}

void StateTimes::born(const TraceContext& context, const TraceEvent& event) {
  Life& life = lives_[event.subject];
  const bool found = event.type == TraceType::GoStatus || event.type == TraceType::GoStatusStack;
  life.mark_at_birth_ns = found ? mark_at_sync_ns_ : marking_.at(event.time_ns, context.first_ns);
  life.stop_at_birth_ns = found ? stop_at_sync_ns_ : stopping_.at(event.time_ns, context.first_ns);
  const bool in_syscall = event.to == static_cast<std::uint8_t>(GoState::Syscall);
  const std::int64_t since_ns = found && sync_ns_ != kNever ? sync_ns_ : event.time_ns;
  life.stolen_ns = in_syscall && event.p == 0 ? since_ns : kNever;
  if (in_syscall && event.p != 0 && event.p < in_syscall_.size()) in_syscall_[event.p] = event.subject;
}

void StateTimes::phase(const TraceContext& context, const TraceEvent& event) {
  if (event.type == TraceType::GcEnd) return marking_.end(event.time_ns, context.first_ns);
  marking_.begin(event.type == TraceType::GcActive && sync_ns_ != kNever ? sync_ns_ : event.time_ns);
}

void StateTimes::range(const TraceContext& context, const TraceEvent& event) {
  const auto end = [&](Range& range) {
    if (range.since_ns == kNever) return;
    const std::int64_t since = std::max(std::exchange(range.since_ns, kNever), context.first_ns);
    if (event.time_ns < context.first_ns) return;
    add_ns(range.total_ns, between(since, event.time_ns));
    ++range.count;
  };
  switch (event.type) {
    case TraceType::AssistBegin: ranges_[event.g].assist.since_ns = event.time_ns; break;
    case TraceType::AssistActive:
      if (event.subject < ranges_.size() && ranges_[event.subject].assist.since_ns == kNever)
        ranges_[event.subject].assist.since_ns = sync_ns_;
      break;
    case TraceType::AssistEnd: end(ranges_[event.g].assist); break;
    case TraceType::SweepBegin:
      ranges_[event.g].sweep.since_ns = event.time_ns;
      if (event.subject < sweeping_.size()) sweeping_[event.subject] = event.g;
      break;
    case TraceType::SweepActive:
      // Who sweeps is not said; who ends it was it.
      if (event.subject < sweeping_.size() && sweeping_[event.subject] == 0) sweeping_[event.subject] = kUnknownOwner;
      break;
    case TraceType::SweepEnd: {
      if (event.subject >= sweeping_.size()) break;
      const std::uint32_t owner = std::exchange(sweeping_[event.subject], 0);
      Range& sweep = ranges_[owner == kUnknownOwner ? event.g : owner].sweep;
      if (owner == kUnknownOwner) sweep.since_ns = std::max(context.first_ns, INT64_MIN + 1);
      if (owner == kUnknownOwner || owner == event.g) end(sweep);
      sweep.since_ns = kNever;
      break;
    }
    default: break;
  }
}

void StateTimes::stop(const TraceContext& context, const TraceEvent& event) {
  Range& range = ranges_[event.g].stop;
  if (event.type == TraceType::StwBegin) {
    range.since_ns = event.time_ns;
    stopping_.begin(event.time_ns);
    return;
  }
  stopping_.end(event.time_ns, context.first_ns);
  if (range.since_ns == kNever) return;
  const std::int64_t since = std::max(std::exchange(range.since_ns, kNever), context.first_ns);
  if (event.time_ns < context.first_ns) return;
  const std::int64_t took = between(since, event.time_ns);
  add_ns(range.total_ns, took);
  ++range.count;
  TraceTimes::Reason& kind =
      times_.stops[reason_row(context, times_.stops, stop_rows_, context.whole.text(event.value))];
  ++kind.count;
  add_ns(kind.total_ns, took);
  kind.longest_ns = std::max(kind.longest_ns, took);
}

void StateTimes::interval(const TraceContext& context, const StateInterval& one) {
  Life& life = lives_[one.g];
  if (life.born_ns == kNever) life.born_ns = one.begin_ns;
  const std::int64_t spent = between(one.begin_ns, one.end_ns);
  add_ns(life.ns[static_cast<std::size_t>(one.state)], spent);
  switch (one.state) {
    case GoState::Running:
      ++life.runs;
      if (life.ran_ns == kNever) life.ran_ns = one.begin_ns;
      break;
    case GoState::Runnable:
      if (one.next == GoState::Running &&
          (one.flags & (StateInterval::kFound | StateInterval::kOpen | StateInterval::kCut)) == 0)
        waited(context, life, one, spent);
      break;
    case GoState::Waiting:
      ++life.waits;
      blocked(context, life, one.reason, spent);
      break;
    case GoState::Syscall:
      ++life.syscalls;
      if (life.stolen_ns != kNever) {
        ++life.syscalls_blocked;
        add_ns(life.syscall_blocked_ns,
               between(std::max(std::exchange(life.stolen_ns, kNever), one.begin_ns), one.end_ns));
      } else if (one.p < in_syscall_.size() && in_syscall_[one.p] == one.g) {
        in_syscall_[one.p] = 0;
      }
      break;
    default: break;
  }
  if (one.next == GoState::NotExist || one.is(StateInterval::kOpen)) end_life(context, one);
}

void StateTimes::blocked(const TraceContext& context, Life& life, StringId name, std::int64_t ns) {
  auto& [recent, recent_row] = recent_reasons_[name.value % recent_reasons_.size()];
  if (recent != name || recent_row == kNone) {
    recent_row = reason_row(context, times_.blocked, blocked_rows_, name);
    recent = name;
  }
  TraceTimes::Reason& reason = times_.blocked[recent_row];
  ++reason.count;
  add_ns(reason.total_ns, ns);
  reason.longest_ns = std::max(reason.longest_ns, ns);
  std::uint32_t at = life.blocked;
  while (at != kNone && on_[at].reason != recent_row) at = on_[at].next;
  if (at == kNone) {
    at = free_on_;
    if (at != kNone) {
      free_on_ = on_[at].next;
    } else {
      at = static_cast<std::uint32_t>(on_.size());
      on_.emplace_back();
    }
    on_[at] = {.next = life.blocked, .reason = recent_row, .count = 0, .total_ns = 0};
    life.blocked = at;
  }
  ++on_[at].count;
  add_ns(on_[at].total_ns, ns);
}

void StateTimes::waited(const TraceContext& context, Life& life, const StateInterval& one, std::int64_t ns) {
  switch (one.begun) {
    case TraceType::GoUnblock: after_unblock_.add(ns); break;
    case TraceType::GoCreate: after_create_.add(ns); break;
    case TraceType::GoSyscallEndBlocked: after_syscall_.add(ns); break;
    case TraceType::GoStop:
      if (gosched_.none()) gosched_ = context.whole.symbols().intern("runtime.Gosched");
      if (one.reason == gosched_) return;
      after_preempt_.add(ns);
      break;
    default: break;
  }
  latency_.add(ns);
  if (life.function == kNone || life.named != context.lives[one.g].function) {
    life.named = context.lives[one.g].function;
    life.function = function_of(context, one.g);
  }
  FunctionSums& function = functions_[life.function];
  if (function.latency == nullptr) function.latency = std::make_unique<CoarseHistogram>();
  function.latency->add(ns);
}

void StateTimes::end_life(const TraceContext& context, const StateInterval& one) {
  const Life life = std::exchange(lives_[one.g], {});
  Ranges ranges = std::exchange(ranges_[one.g], {});
  for (Range* range : {&ranges.assist, &ranges.sweep, &ranges.stop})
    if (range->since_ns != kNever) {
      add_ns(range->total_ns, between(std::max(range->since_ns, context.first_ns), one.end_ns));
      ++range->count;
    }
  const model::TraceStates states = states_of(life.ns);
  const model::TraceSpent spent{
      .syscall_blocked_ns = life.syscall_blocked_ns,
      .assist_ns = ranges.assist.total_ns,
      .sweep_ns = ranges.sweep.total_ns,
      .stopping_ns = ranges.stop.total_ns,
      .in_mark_ns = between(life.mark_at_birth_ns, marking_.at(one.end_ns, context.first_ns)),
      .in_stop_ns = between(life.stop_at_birth_ns, stopping_.at(one.end_ns, context.first_ns)),
      .runs = life.runs,
      .waits = life.waits,
      .syscalls = life.syscalls,
      .syscalls_blocked = life.syscalls_blocked,
      .assists = ranges.assist.count,
      .sweeps = ranges.sweep.count,
      .stops = ranges.stop.count};
  const std::uint32_t row = function_of(context, one.g);
  TraceTimes::Function& function = times_.functions[row];
  ++times_.goroutines;
  ++function.goroutines;
  if (one.is(StateInterval::kOpen)) ++function.alive;
  add_ns(times_.all, states);
  add(times_.spent, spent);
  add_ns(function.states, states);
  add(function.spent, spent);
  add_ns(times_.lives_ns, between(life.born_ns, one.end_ns));
  if (functions_[row].liked) keep_row(context, one, life, states, spent);
  for (std::uint32_t at = life.blocked; at != kNone;) {
    const auto same = std::ranges::find(function.blocked, on_[at].reason, &model::TraceBlockedOn::reason);
    model::TraceBlockedOn& sum = same != function.blocked.end() ? *same : function.blocked.emplace_back();
    sum.reason = on_[at].reason;
    sum.count += on_[at].count;
    add_ns(sum.total_ns, on_[at].total_ns);
    const std::uint32_t next = on_[at].next;
    on_[at].next = std::exchange(free_on_, at);
    at = next;
  }
}

void StateTimes::keep_row(const TraceContext& context, const StateInterval& one, const Life& life,
                          const model::TraceStates& states, const model::TraceSpent& spent) {
  const TraceLife& whole = context.lives[one.g];
  if (rows_.question().goid != 0 && rows_.question().goid != whole.goid) return;
  ++times_.rows_matching;
  const std::int64_t key = order_key(rows_.question().order, states, spent);
  if (!rows_.wants(key, whole.goid)) return;
  model::TraceGoroutine row{.goid = whole.goid,
                            .creator = whole.creator,
                            .function = whole.function,
                            .creation_stack = whole.creation_stack,
                            .found = whole.found,
                            .ended = !one.is(StateInterval::kOpen),
                            .first_ns = life.born_ns,
                            .ran_ns = life.ran_ns,
                            .last_ns = one.end_ns,
                            .last = {},
                            .last_for_ns = one.length_ns(),
                            .last_stack = one.stack,
                            .states = states,
                            .spent = spent,
                            .blocked = {}};
  row.last = state_words(context, one);
  for (std::uint32_t at = life.blocked; at != kNone; at = on_[at].next)
    row.blocked.push_back({.reason = on_[at].reason, .count = on_[at].count, .total_ns = on_[at].total_ns});
  rows_.add(key, std::move(row));
}

std::string state_words(const TraceContext& context, const StateInterval& one) {
  switch (one.state) {
    case GoState::Running: return "running";
    case GoState::Runnable: return "runnable";
    case GoState::Syscall: return "system call";
    case GoState::Waiting: return one.reason.none() ? "blocked" : std::string(context.whole.symbols().text(one.reason));
    default: return "unknown";
  }
}

std::uint32_t StateTimes::reason_row(const TraceContext& context, std::vector<TraceTimes::Reason>& rows, Rows& index,
                                     StringId name) {
  const auto [place, is_new] = index.try_emplace(name, static_cast<std::uint32_t>(rows.size()));
  if (is_new)
    rows.push_back(
        {.name = std::string(context.whole.symbols().text(name)), .count = 0, .total_ns = 0, .longest_ns = 0});
  return place->second;
}

std::uint32_t StateTimes::function_of(const TraceContext& context, std::uint32_t g) {
  const StringId name = context.lives[g].function;
  const auto [place, is_new] = function_rows_.try_emplace(name, static_cast<std::uint32_t>(times_.functions.size()));
  if (is_new) {
    const std::string_view text = context.whole.symbols().text(name);
    times_.functions.emplace_back().name = text;
    const GoroutineQuestion& question = rows_.question();
    functions_.push_back(
        {.latency = nullptr, .liked = question.limit != 0 && (!question.function || question.function(text))});
  }
  return place->second;
}

void StateTimes::order_reasons() {
  std::vector<std::uint32_t> order(times_.blocked.size());
  for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::stable_sort(
      order, [&](std::uint32_t a, std::uint32_t b) { return longer_reason(times_.blocked[a], times_.blocked[b]); });
  std::vector<std::uint32_t> place(order.size());
  std::vector<TraceTimes::Reason> sorted;
  sorted.reserve(order.size());
  for (const std::uint32_t row : order) {
    place[row] = static_cast<std::uint32_t>(sorted.size());
    sorted.push_back(std::move(times_.blocked[row]));
  }
  times_.blocked = std::move(sorted);
  const auto move = [&](std::vector<model::TraceBlockedOn>& blocked) {
    for (model::TraceBlockedOn& on : blocked) on.reason = place[on.reason];
    longest_first(blocked);
  };
  for (TraceTimes::Function& function : times_.functions) move(function.blocked);
  for (model::TraceGoroutine& row : times_.goroutine_rows) move(row.blocked);
}

void StateTimes::finish(const TraceContext& context) {
  times_.first_ns = context.first_ns;
  times_.wall_ns = between(context.first_ns, context.last_ns);
  times_.latency = latency_.latency();
  times_.after_unblock = after_unblock_.latency();
  times_.after_create = after_create_.latency();
  times_.after_preempt = after_preempt_.latency();
  times_.after_syscall = after_syscall_.latency();
  for (std::size_t i = 0; i < functions_.size(); ++i)
    if (functions_[i].latency != nullptr) times_.functions[i].latency = functions_[i].latency->latency();
  times_.goroutine_rows = rows_.take();
  order_reasons();
  std::ranges::stable_sort(times_.stops, longer_reason);
  std::ranges::stable_sort(times_.functions, [](const auto& a, const auto& b) {
    return std::pair(a.states.running_ns, a.goroutines) > std::pair(b.states.running_ns, b.goroutines);
  });
}

}  // namespace gopsy::analyze
