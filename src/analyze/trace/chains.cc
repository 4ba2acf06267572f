#include "analyze/trace/chains.h"

#include <algorithm>
#include <utility>

#include "analyze/trace/time_sums.h"

namespace gopsy::analyze {

using model::GoState;
using model::TraceChain;
using model::TraceChainEnd;
using model::TraceChainLink;
using model::TraceWaker;

namespace {

TraceChainEnd end_for(TraceWaker waker) {
  switch (waker) {
    case TraceWaker::Network: return TraceChainEnd::Network;
    case TraceWaker::Timer: return TraceChainEnd::Timer;
    case TraceWaker::Collector: return TraceChainEnd::Collector;
    default: return TraceChainEnd::Unknown;
  }
}

}  // namespace

LongBlocks::LongBlocks(std::int64_t threshold_ns)
    : threshold_ns_(std::max<std::int64_t>(threshold_ns, 1)), noted_ns_(std::max<std::int64_t>(threshold_ns / 4, 1)) {
  found_.threshold_ns = threshold_ns_;
}

const LongBlocks::Note* LongBlocks::note(std::uint32_t number) const {
  if (number == 0 || number > last_ || last_ - number >= notes_.size()) return nullptr;
  return &notes_[number % kNotes];
}

std::uint32_t LongBlocks::add(const TraceContext& context, const StateInterval& block, std::uint32_t waker,
                              const TracePast& past) {
  if (block.length_ns() < noted_ns_ || block.is(StateInterval::kOpen)) return 0;
  const TraceLife& life = context.lives[block.g];
  if (is_runtime_goroutine(context, block.g) || last_ == UINT32_MAX) return 0;
  Note note{.link = {.goid = life.goid,
                     .waker = waker == 0 ? 0 : context.goid(waker),
                     .begin_ns = block.begin_ns,
                     .end_ns = block.end_ns,
                     .stack = block.stack,
                     .waker_stack = waker == 0 ? 0 : block.end_stack,
                     .reason = block.reason,
                     .kind = waker_of(waker, context.whole.symbols().text(block.reason)),
                     .meanwhile = {},
                     .waker_function = {},
                     .doing_stack = 0,
                     .doing_ns = 0},
            .cause = 0,
            .end = TraceChainEnd::Unknown};
  if (waker == 0) {
    note.end = end_for(note.link.kind);
  } else {
    const auto look = past.look(waker, block.begin_ns, block.end_ns);
    note.link.meanwhile = look.states;
    note.link.doing_ns = look.longest_ns;
    note.link.doing_stack = look.longest.stack;
    note.link.waker_function = waker < context.lives.size() ? context.lives[waker].function : StringId();
    judge(context, note, waker, look);
  }
  ++last_;
  if (notes_.size() < kNotes) notes_.resize(last_ < kNotes ? std::bit_ceil(std::size_t{last_} + 1) : kNotes);
  notes_[last_ % kNotes] = note;
  if (block.length_ns() >= threshold_ns_ && waker != 0) tell(last_);
  return last_;
}

// What took at least half of the time is what the waker did.
void LongBlocks::judge(const TraceContext& context, Note& note, std::uint32_t waker,
                       const TracePast::Look& look) const {
  const std::int64_t half = note.link.length_ns() / 2;
  const model::TraceStates& states = look.states;
  if (states.running_ns >= half) {
    note.end = TraceChainEnd::Running;
  } else if (states.runnable_ns >= half) {
    note.end = TraceChainEnd::Runnable;
  } else if (states.syscall_ns >= half) {
    note.end = TraceChainEnd::Syscall;
  } else if (states.waiting_ns >= half) {
    note.end = TraceChainEnd::Mixed;  // many short ones, unless it is one
    if (look.longest.state != GoState::Waiting || look.longest_ns < note.link.length_ns() / 4) return;
    note.end = TraceChainEnd::Unknown;
    note.cause = look.longest.cause;
  } else if (look.unborn_ns >= half) {
    note.end =
        waker < context.lives.size() && context.lives[waker].found ? TraceChainEnd::Unknown : TraceChainEnd::Created;
  } else {
    note.end = TraceChainEnd::Mixed;
  }
}

TraceChain LongBlocks::chain(std::uint32_t number) const {
  TraceChain chain;
  for (const Note* at = note(number); at != nullptr; at = note(at->cause)) {
    chain.end = at->end;
    if (chain.links.size() == kLinks) {
      chain.end = TraceChainEnd::Depth;
      break;
    }
    chain.links.push_back(at->link);
  }
  return chain;
}

void LongBlocks::tell(std::uint32_t number) {
  // A queue passes through the same two stacks again and again: that counts once, however long it is.
  std::uint64_t hash = 0;
  std::uint64_t before = 0;
  std::size_t links = 0;
  TraceChainEnd end = TraceChainEnd::Unknown;
  const TraceChainLink* first = nullptr;
  for (const Note* at = note(number); at != nullptr; at = note(at->cause)) {
    if (first == nullptr) first = &at->link;
    end = at->end;
    if (++links > kLinks) break;
    const std::uint64_t pair = std::uint64_t{at->link.stack} << 32 | at->link.waker_stack;
    if (pair != std::exchange(before, pair)) hash = (hash ^ pair) * 0x9E3779B97F4A7C15ULL + (hash >> 29);
  }
  hash = hash * 31 + static_cast<std::uint64_t>(links > kLinks ? TraceChainEnd::Depth : end);
  const std::int64_t length = first->length_ns();
  ++found_.long_blocks;
  add_ns(found_.long_blocks_ns, length);
  const bool idle = end == TraceChainEnd::Network || end == TraceChainEnd::Timer;
  if (idle) {
    ++found_.idle_blocks;
    add_ns(found_.idle_blocks_ns, length);
  }

  const auto place = pattern_rows_.find(hash);
  if (place == pattern_rows_.end() && found_.patterns.size() == kPatterns) {
    ++found_.other_patterns;
  } else {
    const auto row = place != pattern_rows_.end() ? place->second : static_cast<std::uint32_t>(found_.patterns.size());
    if (place == pattern_rows_.end()) {
      pattern_rows_.emplace(hash, row);
      found_.patterns.emplace_back();
    }
    model::TraceChainPattern& pattern = found_.patterns[row];
    ++pattern.count;
    add_ns(pattern.total_ns, length);
    if (pattern.count == 1 || length > pattern.longest.links[0].length_ns()) pattern.longest = chain(number);
  }

  if (idle) return;
  const auto longer = [](const TraceChain& a, const TraceChain& b) {
    return a.links[0].length_ns() > b.links[0].length_ns();
  };
  if (found_.worst.size() == kWorst) {
    if (length <= found_.worst.front().links[0].length_ns()) return;
    std::ranges::pop_heap(found_.worst, longer);
    found_.worst.pop_back();
  }
  found_.worst.push_back(chain(number));
  std::ranges::push_heap(found_.worst, longer);
}

void LongBlocks::open(const TraceContext& context, const StateInterval& block) {
  if (block.length_ns() < threshold_ns_ || is_runtime_goroutine(context, block.g)) return;
  ++found_.endless_blocks;
}

void LongBlocks::finish(model::TraceChains& chains) {
  std::ranges::stable_sort(found_.patterns, [](const auto& a, const auto& b) {
    return std::pair(b.longest.idle(), a.total_ns) > std::pair(a.longest.idle(), b.total_ns);
  });
  std::ranges::stable_sort(found_.worst, [](const TraceChain& a, const TraceChain& b) {
    return std::pair(a.links[0].length_ns(), b.links[0].end_ns) > std::pair(b.links[0].length_ns(), a.links[0].end_ns);
  });
  chains = std::move(found_);
}

void WaitChains::step(const TraceContext& context, std::span<const model::TraceEvent> events,
                      std::span<const StateInterval> ended) {
  past_.step_begins(context.lives.size());
  locks_.step_begins(context);
  for (const StateInterval& one : ended) {
    if (one.state == GoState::Waiting) {
      const bool open = one.is(StateInterval::kOpen);
      locks_.leave(context, one, past_);
      if (open) {
        blocks_.open(context, one);
        continue;
      }
      const std::uint32_t waker = waker_row(context, one);
      wakes_.add(context, one, waker);
      past_.add(one, blocks_.add(context, one, waker, past_));
    } else if (!one.is(StateInterval::kOpen)) {
      past_.add(one, 0);
      if (one.next == GoState::Waiting && one.ended == model::TraceType::GoBlock)
        locks_.enter(context, one, context.whole.text(events[one.at].value));
    }
    if (one.next == GoState::NotExist) past_.end_life(one.g);
  }
}

void WaitChains::finish(const TraceContext& context) {
  blocks_.finish(chains_);
  wakes_.finish(chains_);
  locks_.finish(context, chains_);
}

}  // namespace gopsy::analyze
