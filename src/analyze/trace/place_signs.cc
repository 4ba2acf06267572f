#include "analyze/trace/place_signs.h"

#include <algorithm>
#include <bit>

#include "analyze/trace/time_sums.h"
#include "analyze/trace/wait_kind.h"

namespace gopsy::analyze {

using model::GoState;
using model::TraceSigns;
using model::TraceType;

namespace {

// The row of a place in a table, made where it is new.
template <typename Row>
Row& row_of(std::vector<std::uint32_t>& index, std::vector<Row>& rows, std::uint32_t stack) {
  if (stack >= index.size()) index.resize(stack + std::size_t{64});
  std::uint32_t& row = index[stack];
  if (row == 0) {
    rows.push_back({.stack = stack});
    row = static_cast<std::uint32_t>(rows.size());
  }
  return rows[row - 1];
}

TraceSigns::Case case_of(const TraceContext& context, const StateInterval& one) {
  return {.begin_ns = one.begin_ns,
          .end_ns = one.end_ns,
          .goroutine = context.goid(one.g),
          .by = context.goid(one.ended_by),
          .stack = one.stack,
          .by_stack = one.end_stack,
          .text = one.reason};
}

}  // namespace

void PlaceSigns::step(const TraceContext& context, std::span<const model::TraceEvent> /*events*/,
                      std::span<const StateInterval> ended) {
  if (lives_.size() < context.lives.size()) lives_.resize(context.lives.size());
  if (gosched_.none()) gosched_ = context.whole.symbols().intern("runtime.Gosched");
  for (const StateInterval& one : ended) {
    Life& life = lives_[one.g];
    switch (one.state) {
      case GoState::Waiting: waited(context, one, life); break;
      case GoState::Running: ran(one, life); break;
      case GoState::Syscall: called(context, one, life); break;
      case GoState::Runnable: queued(context, one); break;
      default: break;
    }
    if (one.next == GoState::NotExist || one.is(StateInterval::kOpen)) end_life(context, one, life);
  }
}

std::uint32_t PlaceSigns::wait_row(const TraceContext& context, const StateInterval& one) {
  if (one.stack >= wait_rows_.size()) wait_rows_.resize(one.stack + std::size_t{64});
  std::uint32_t& first = wait_rows_[one.stack];
  std::uint32_t* row = &first;
  if (first != 0 && signs_.waits[first - 1].reason != one.reason) row = &further_reasons_[{one.stack, one.reason}];
  if (*row == 0) {
    signs_.waits.push_back({.stack = one.stack, .reason = one.reason});
    counts_as_service_.push_back(
        needs_a_goroutine(wait_kind(one.reason, one.stack, context.whole.stacks(), context.whole.symbols())));
    *row = static_cast<std::uint32_t>(signs_.waits.size());
  }
  return *row;
}

void PlaceSigns::waited(const TraceContext& context, const StateInterval& one, Life& life) {
  const std::int64_t ns = one.length_ns();
  const std::uint32_t row = wait_row(context, one);
  TraceSigns::Wait& wait = signs_.waits[row - 1];
  ++wait.count;
  add_ns(wait.total_ns, ns);
  if (ns >= signs_.threshold_ns) {
    ++wait.over;
    add_ns(wait.over_ns, ns);
  }
  if (ns > wait.longest.length_ns() || wait.count == 1) wait.longest = case_of(context, one);
  life.last_wait = row;
  life.by_nobody = false;
  if (one.is(StateInterval::kOpen)) return;
  if (one.ended_by == 0) {
    ++wait.by_nobody;
    life.by_nobody = true;
    return;
  }
  if (one.ended_by == one.g || one.ended_by >= lives_.size()) return;
  Life& waker = lives_[one.ended_by];
  if (!counts_as_service_[row - 1] || one.is(StateInterval::kFound)) return;
  ++waker.ended;
  add_ns(waker.ended_ns, ns);
  if (ns <= waker.longest_ns) return;
  waker.longest_ns = ns;
  waker.longest_stack = one.stack;
}

void PlaceSigns::queued(const TraceContext& context, const StateInterval& one) {
  if (one.next != GoState::Running || one.is(StateInterval::kOpen)) return;
  const std::int64_t ns = one.length_ns();
  // Who called Gosched asked to wait.
  if (!latencies_.wants(ns) || one.reason == gosched_) return;
  latencies_.add({.begin_ns = one.begin_ns,
                  .end_ns = one.end_ns,
                  .goroutine = context.goid(one.g),
                  .by = one.begun_by,
                  .stack = one.stack,
                  .by_stack = 0,
                  .text = one.reason});
}

void PlaceSigns::ran(const StateInterval& one, Life& life) {
  const std::int64_t ns = one.length_ns();
  add_ns(life.running_ns, ns);
  add_ns(life.busy_ns, ns);
  if (life.by_nobody && one.next == GoState::Waiting && ns < TraceSigns::kShortNs && life.last_wait != 0) {
    TraceSigns::Wait& wait = signs_.waits[life.last_wait - 1];
    if (wait.stack == one.end_stack) ++wait.in_vain;
  }
  life.by_nobody = false;
}

void PlaceSigns::called(const TraceContext& context, const StateInterval& one, Life& life) {
  const std::int64_t ns = one.length_ns();
  add_ns(life.busy_ns, ns);
  TraceSigns::Syscall& call = row_of(syscall_rows_, signs_.syscalls, one.stack);
  ++call.count;
  ++signs_.syscall_count;
  add_ns(call.total_ns, ns);
  call.lost_p += one.ended == TraceType::GoSyscallEndBlocked ? 1 : 0;
  if (ns > call.longest.length_ns() || call.count == 1) call.longest = case_of(context, one);
}

void PlaceSigns::end_life(const TraceContext& context, const StateInterval& one, Life& life) {
  const TraceLife& was = context.lives[one.g];
  const bool ended = !one.is(StateInterval::kOpen);
  const std::int64_t lived = between(was.born_ns, one.end_ns);
  if (!was.found) {
    TraceSigns::Creation& made = row_of(creation_rows_, signs_.creations, was.creation_stack);
    if (made.created++ == 0) made.function = was.function;
    if (ended) {
      ++made.ended;
      made.short_lived += lived < TraceSigns::kShortLifeNs ? 1 : 0;
      add_ns(made.running_ns, life.running_ns);
      const auto positive = static_cast<std::uint64_t>(std::max<std::int64_t>(lived, 1));
      ++made.lives[static_cast<unsigned>(std::bit_width(positive)) - 1];
    }
  }
  if (life.ended_ns > least_service_ns_) {
    auto& servers = signs_.servers;
    servers.push_back({.goroutine = was.goid,
                       .function = was.function,
                       .busy_ns = life.busy_ns,
                       .running_ns = life.running_ns,
                       .life_ns = lived,
                       .ended_ns = life.ended_ns,
                       .ended = life.ended,
                       .stack = life.longest_stack,
                       .longest_ns = life.longest_ns});
    std::ranges::push_heap(servers, std::ranges::greater{}, &TraceSigns::Server::ended_ns);
    if (servers.size() > TraceSigns::kWorst) {
      std::ranges::pop_heap(servers, std::ranges::greater{}, &TraceSigns::Server::ended_ns);
      servers.pop_back();
      least_service_ns_ = servers.front().ended_ns;
    }
  }
  life = {};
}

void PlaceSigns::finish(const TraceContext& /*context*/) {
  std::stable_sort(signs_.waits.begin(), signs_.waits.end(),
                   [](const auto& a, const auto& b) { return a.total_ns > b.total_ns; });
  std::stable_sort(signs_.syscalls.begin(), signs_.syscalls.end(),
                   [](const auto& a, const auto& b) { return a.total_ns > b.total_ns; });
  std::stable_sort(signs_.creations.begin(), signs_.creations.end(),
                   [](const auto& a, const auto& b) { return a.created > b.created; });
  std::ranges::sort(signs_.servers, [](const auto& a, const auto& b) {
    return std::pair(b.ended_ns, a.goroutine) < std::pair(a.ended_ns, b.goroutine);
  });
  signs_.latencies = latencies_.take();
  lives_ = {};
}

}  // namespace gopsy::analyze
