#include "analyze/trace/critical_path.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "analyze/trace/time_sums.h"
#include "analyze/trace/wakes.h"

namespace gopsy::analyze {

using model::GoState;
using model::TraceEvent;
using model::TracePath;
using model::TraceType;

void CriticalPath::step(const TraceContext& context, std::span<const TraceEvent> events,
                        std::span<const StateInterval> ended) {
  std::size_t next = 0;
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (events[i].type != TraceType::GoCreate && events[i].type != TraceType::GoCreateBlocked) continue;
    for (; next < ended.size() && ended[next].at < i; ++next) keep(context, ended[next]);
    created(context, events[i]);
  }
  for (; next < ended.size(); ++next) keep(context, ended[next]);
}

void CriticalPath::created(const TraceContext& context, const TraceEvent& event) {
  if (event.subject >= context.lives.size() || event.g >= context.lives.size()) return;
  const std::uint32_t life = context.lives[event.subject].number;
  const std::uint32_t creator = context.lives[event.g].number;
  if (std::max(life, creator) >= lives_.size()) lives_.resize(std::max(life, creator) + std::size_t{1});
  lives_[life].creator = creator;
  lives_[life].creator_before = lives_[creator].last;
  lives_[life].creation_stack = context.whole.stack(event.stack);
  lives_[creator].goid = context.goid(event.g);
}

void CriticalPath::keep(const TraceContext& context, const StateInterval& one) {
  if (count_ == UINT32_MAX) return;
  const std::uint32_t life = context.lives[one.g].number;
  const std::uint32_t waker =
      one.state == GoState::Waiting && !one.is(StateInterval::kOpen) ? waker_row(context, one) : 0;
  const bool woken = waker != 0 && waker < context.lives.size();
  const std::uint32_t other = woken ? context.lives[waker].number : 0;
  if (std::max(life, other) >= lives_.size()) lives_.resize(std::max(life, other) + std::size_t{1});
  Life& mine = lives_[life];
  mine.goid = context.goid(one.g);
  if (mine.goid == walk_.goid) wanted_ = life;
  Kept kept{.begin_ns = one.begin_ns,
            .end_ns = one.end_ns,
            .life = life,
            .before = mine.last,
            .other = other,
            .other_before = lives_[other].last,
            .stack = one.stack,
            .end_stack = one.end_stack,
            .reason = one.reason,
            .state = one.state,
            .born = false};
  if (other != 0) lives_[other].goid = context.goid(one.ended_by);
  if (mine.last == 0 && mine.creator != 0 && !woken && !one.is(StateInterval::kCut)) {
    kept.born = true;
    kept.other = mine.creator;
    kept.other_before = mine.creator_before;
    kept.end_stack = mine.creation_stack;
  }
  mine.last = ++count_;
  if (intervals_.size() < kept_) {
    intervals_.push_back(kept);
  } else {
    intervals_[(count_ - 1) % kept_] = kept;
  }
}

const CriticalPath::Kept* CriticalPath::kept(std::uint32_t number) const {
  if (number == 0 || number > count_ || count_ - number >= intervals_.size()) return nullptr;
  return &intervals_[(number - 1) % kept_];
}

// The path went through `life` until now, and did so since to_ns.
void CriticalPath::go(std::int64_t to_ns, std::uint32_t life, TracePath::Kind kind, std::uint32_t stack,
                      StringId reason) {
  to_ns = std::max(to_ns, walk_.from_ns);
  if (to_ns >= walk_.until_ns) return;
  ++path_.step_count;
  if (path_.steps.size() < kSteps)
    path_.steps.push_back({.begin_ns = to_ns,
                           .end_ns = walk_.until_ns,
                           .goid = lives_[life].goid,
                           .stack = stack,
                           .reason = reason,
                           .kind = kind});
  path_.rows.push_back(
      {.stack = stack, .reason = reason, .kind = kind, .count = 1, .ns = gap_ns(to_ns, walk_.until_ns)});
  if (path_.rows.size() > kSteps) settle(path_);
  walk_.until_ns = to_ns;
  walk_.over = to_ns <= walk_.from_ns;
}

void CriticalPath::walk_back() {
  using enum TracePath::Kind;
  std::uint32_t life = wanted_;
  std::uint32_t at = life < lives_.size() ? lives_[life].last : 0;
  const auto started = std::pair(walk_.until_ns, walk_.goid);
  // Every turn goes to an earlier interval, so it ends.
  while (!walk_.over) {
    const Kept* one = kept(at);
    if (one == nullptr) break;
    walk_.goid = lives_[life].goid;
    bool jumps = false;
    switch (one->state) {
      case GoState::Running: go(one->begin_ns, life, Running, one->end_stack, {}); break;
      case GoState::Runnable: go(one->begin_ns, life, Runnable, one->stack, {}); break;
      case GoState::Syscall: go(one->begin_ns, life, Syscall, one->stack, {}); break;
      case GoState::Waiting:
        jumps = one->other != 0 && one->end_ns <= walk_.until_ns;
        if (!jumps) go(one->begin_ns, life, Blocked, one->stack, one->reason);
        break;
      default: go(one->begin_ns, life, Unknown, 0, {}); break;
    }
    if (walk_.over) return;
    if (!jumps && !one->born) {
      at = one->before;
      if (at == 0) break;
      continue;
    }
    // The waker, or the creator, ran from the end of its last interval until now.
    ++path_.jumps;
    life = one->other;
    const std::uint32_t stack = one->end_stack;
    walk_.goid = lives_[life].goid;
    at = one->other_before;
    if (at == 0) return go(walk_.from_ns, life, Running, stack, {});
    const Kept* before = kept(at);
    if (before == nullptr) break;
    go(before->end_ns, life, Running, stack, {});
  }
  if (walk_.over) return;
  // Out of what is kept? Then the next pass goes on here; if this one got nowhere, nothing more is known.
  const bool forgotten = at != 0 && kept(at) == nullptr;
  if (!forgotten || std::pair(walk_.until_ns, walk_.goid) == started) give_up(walk_, path_);
}

void CriticalPath::give_up(Walk& walk, TracePath& path) {
  CriticalPath rest(walk, path);
  rest.lives_.resize(1);
  rest.lives_[0].goid = walk.goid;
  rest.go(walk.from_ns, 0, TracePath::Kind::Unknown, 0, {});
  walk.over = true;
}

void CriticalPath::finish(const TraceContext& context) {
  static_cast<void>(context);
  lives_.resize(std::max<std::size_t>(lives_.size(), 1));
  walk_back();
  intervals_ = {};
}

void CriticalPath::settle(TracePath& path) {
  std::ranges::sort(path.rows, {},
                    [](const TracePath::Row& row) { return std::tuple(row.kind, row.reason, row.stack); });
  std::size_t kept = 0;
  for (const TracePath::Row& row : path.rows) {
    TracePath::Row* last = kept == 0 ? nullptr : &path.rows[kept - 1];
    if (last != nullptr && last->kind == row.kind && last->reason == row.reason && last->stack == row.stack) {
      last->count += row.count;
      add_ns(last->ns, row.ns);
    } else {
      path.rows[kept++] = row;
    }
  }
  path.rows.resize(kept);
  std::ranges::stable_sort(path.rows, [](const auto& a, const auto& b) { return a.ns > b.ns; });
}

}  // namespace gopsy::analyze
