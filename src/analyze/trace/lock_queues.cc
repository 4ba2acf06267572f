#include "analyze/trace/lock_queues.h"

#include <algorithm>
#include <utility>

#include "analyze/trace/time_sums.h"

namespace gopsy::analyze {

using model::TraceLockSite;

namespace {

std::int64_t times(std::int64_t ns, std::uint32_t count) {
  std::int64_t product = 0;
  return __builtin_mul_overflow(ns, std::int64_t{count}, &product) ? INT64_MAX : product;
}

}  // namespace

std::uint32_t LockQueues::site_of(const TraceContext& context, std::uint32_t stack) {
  if (stack >= site_of_stack_.size()) site_of_stack_.resize(stack + std::size_t{1});
  if (site_of_stack_[stack] == 0) site_of_stack_[stack] = find_site(context, stack) + 1;
  return site_of_stack_[stack] - 1;
}

std::uint32_t LockQueues::find_site(const TraceContext& context, std::uint32_t stack) {
  const model::TraceStacks& stacks = context.whole.stacks();
  const model::Symbols& symbols = context.whole.symbols();
  StringId call;
  std::uint32_t caller = UINT32_MAX;
  bool in_runtime = true;
  for (const std::uint32_t place : stacks.stack(stack)) {
    const StringId function = symbols.frame(stacks.places[place].frame).function;
    const std::uint8_t origin = symbols.origin(function);
    caller = place;
    if ((origin & model::Origin::Sync) != 0) call = function;
    if ((origin & (model::Origin::Runtime | model::Origin::Sync)) == 0) break;
    in_runtime = in_runtime && call.none();
  }
  // An allocation that is to begin a collection waits for its turn in the runtime: who allocates does not matter.
  if (!stacks.stack(stack).empty()) {
    const StringId leaf = symbols.frame(stacks.places[stacks.stack(stack).front()].frame).function;
    in_runtime = in_runtime && call.none() && (symbols.origin(leaf) & model::Origin::Runtime) != 0;
  }
  if (caller == UINT32_MAX) return kNoSite;
  const std::uint64_t key = in_runtime ? UINT64_MAX : std::uint64_t{call.value} << 32 | caller;
  const auto known = rows_.find(key);
  if (known != rows_.end()) return known->second;
  if (sites_.size() == kMost) return kNoSite;
  const auto row = static_cast<std::uint32_t>(sites_.size());
  rows_.emplace(key, row);
  Site& site = sites_.emplace_back();
  site.told.place = caller;
  site.told.example = stack;
  site.told.of_runtime = in_runtime;
  site.told.call = std::string(symbols.text(call));
  return row;
}

void LockQueues::enter(const TraceContext& context, const StateInterval& before, StringId reason) {
  if (sync_.none()) sync_ = context.whole.symbols().intern("sync");
  if (reason != sync_) return;
  const std::uint32_t row = site_of(context, before.end_stack);
  if (row == kNoSite) return;
  Site& site = sites_[row];
  pass(context, site, before.end_ns);
  if (site.queue++ == 0) site.turn_ns = before.end_ns;
  if (site.queue > site.told.longest_queue) {
    site.told.longest_queue = site.queue;
    site.told.longest_queue_ns = before.end_ns;
  }
  in_[before.g] = row + 1;
}

void LockQueues::leave(const TraceContext& context, const StateInterval& block, const TracePast& past) {
  const std::uint32_t in = std::exchange(in_[block.g], 0);
  // Began before the trace, or the range of time asked for: it counts, but nobody saw the queue.
  const bool unseen = in == 0;
  if (unseen && (sync_.none() || block.reason != sync_)) return;
  const std::uint32_t row = unseen ? site_of(context, block.stack) : in - 1;
  if (row == kNoSite) {
    ++other_;
    return;
  }
  Site& site = sites_[row];
  const std::int64_t waited = block.length_ns();
  ++site.told.waits;
  add_ns(site.told.waited_ns, waited);
  site.told.longest_ns = std::max(site.told.longest_ns, waited);
  if (unseen) return;
  pass(context, site, block.end_ns);
  if (!block.is(StateInterval::kOpen) && block.ended_by != 0) turn(context, site, block, past);
  --site.queue;
}

// The queue has been as long as it is until now.
void LockQueues::pass(const TraceContext& context, Site& site, std::int64_t now_ns) {
  const std::int64_t begin_ns = std::exchange(site.since_ns, now_ns);
  if (site.queue == 0 || now_ns <= begin_ns) return;
  const std::int64_t length = gap_ns(begin_ns, now_ns);
  add_ns(site.told.queued_ns, length);
  if (site.queue > 1) add_ns(site.told.crowded_ns, length);

  std::int64_t at = gap_ns(context.first_ns, begin_ns);
  const std::int64_t end = gap_ns(context.first_ns, now_ns);
  while (end / slice_ns_ >= static_cast<std::int64_t>(kSlices)) {
    slice_ns_ *= 2;
    for (Site& one : sites_) {
      std::vector<std::int64_t>& queue = one.told.queue;
      for (std::size_t i = 0; i < queue.size(); i += 2) {
        queue[i / 2] = queue[i];
        if (i + 1 < queue.size()) add_ns(queue[i / 2], queue[i + 1]);
      }
      queue.resize((queue.size() + 1) / 2);
    }
  }
  std::vector<std::int64_t>& queue = site.told.queue;
  if (const auto last = static_cast<std::size_t>(end / slice_ns_); last >= queue.size()) queue.resize(last + 1);
  while (at < end) {
    const std::int64_t slice = at / slice_ns_;
    const std::int64_t until = std::min(end, (slice + 1) * slice_ns_);
    add_ns(queue[static_cast<std::size_t>(slice)], times(until - at, site.queue));
    at = until;
  }
}

void LockQueues::turn(const TraceContext& context, Site& site, const StateInterval& block, const TracePast& past) {
  const std::int64_t begin_ns = std::exchange(site.turn_ns, block.end_ns);
  const std::uint64_t waker =
      block.ended_by < context.lives.size() ? std::uint64_t{context.lives[block.ended_by].number} : 0;
  const std::uint64_t let_in = std::exchange(site.holder, std::uint64_t{context.lives[block.g].number});
  if (waker != 0 && waker == let_in) {
    ++site.told.handoffs;
    site.told.longest_run = std::max(site.told.longest_run, ++site.run);
  } else {
    site.run = 0;
  }
  add_ns(site.told.held, past.look(block.ended_by, begin_ns, block.end_ns).states);

  std::vector<TraceLockSite::Holder>& holders = site.told.holders;
  auto holder = std::ranges::find(holders, block.end_stack, &TraceLockSite::Holder::stack);
  if (holder == holders.end()) {
    // The last of a full table stands for the rest; its stack is that of one of them.
    if (holders.size() < kHolders) holders.push_back({.stack = block.end_stack, .count = 0, .held_ns = 0});
    holder = holders.end() - 1;
  }
  ++holder->count;
  add_ns(holder->held_ns, gap_ns(begin_ns, block.end_ns));
}

void LockQueues::finish(const TraceContext& context, model::TraceChains& chains) {
  for (Site& site : sites_) {
    pass(context, site, context.last_ns);
    std::ranges::stable_sort(site.told.holders, [](const auto& a, const auto& b) { return a.held_ns > b.held_ns; });
    chains.locks.push_back(std::move(site.told));
  }
  // Who waits for a group of goroutines to end waits long as a rule, and holds nobody up.
  const auto is_group = [](const TraceLockSite& site) { return site.call.contains("WaitGroup"); };
  std::ranges::stable_sort(chains.locks, [&](const TraceLockSite& a, const TraceLockSite& b) {
    return std::pair(is_group(b), a.waited_ns) > std::pair(is_group(a), b.waited_ns);
  });
  chains.other_locks = other_;
  chains.slice_ns = slice_ns_;
}

}  // namespace gopsy::analyze
