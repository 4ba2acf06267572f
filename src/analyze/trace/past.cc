#include "analyze/trace/past.h"

#include <algorithm>

#include "analyze/trace/time_sums.h"

namespace gopsy::analyze {

using model::GoState;

namespace {

std::int64_t scaled(std::int64_t ns, double share) {
  return static_cast<std::int64_t>(static_cast<double>(ns) * share);
}

}  // namespace

void TracePast::add(const StateInterval& one, std::uint32_t cause) {
  std::uint32_t slot = slots_[one.g];
  const bool is_new = slot == 0;
  if (is_new) {
    if (free_.empty()) {
      free_.push_back(static_cast<std::uint32_t>(lives_.size()));
      lives_.emplace_back();
    }
    slots_[one.g] = slot = free_.back();
    free_.pop_back();
  }
  Life& life = lives_[slot];
  Entry& entry = life.newest;
  const std::int64_t spent = one.length_ns();
  const bool apart = one.state == GoState::Waiting || one.state == GoState::Syscall;
  if (is_new) {
    entry.restart(one.begin_ns);
  } else if (apart && gap_ns(entry.begin_ns, life.until_ns) >= grain_ns_) {
    if (life.older.size() + 1 >= most_) fold(life.older);
    life.older.push_back(entry);
    entry.restart(one.begin_ns);
  }
  life.until_ns = one.end_ns;
  switch (one.state) {
    case GoState::Running: return add_ns(entry.running_ns, spent);
    case GoState::Runnable: return add_ns(entry.runnable_ns, spent);
    case GoState::Waiting: add_ns(entry.waiting_ns, spent); break;
    case GoState::Syscall: add_ns(entry.syscall_ns, spent); break;
    default: return;
  }
  Piece& piece = entry.piece;
  if (spent < gap_ns(piece.begin_ns, piece.end_ns)) return;
  // Member by member: a temporary would be written in words and read in vectors, which stalls.
  piece.begin_ns = one.begin_ns;
  piece.end_ns = one.end_ns;
  piece.stack = one.stack;
  piece.cause = cause;
  piece.reason = one.reason;
  piece.state = one.state;
}

// The older half in pairs: of 32 entries 24 are left, and the newest 16 of them are as they were.
void TracePast::fold(std::vector<Entry>& entries) {
  const std::size_t old = entries.size() / 2 & ~std::size_t{1};
  for (std::size_t i = 0; i < old; i += 2) {
    const Entry& a = entries[i];
    const Entry& b = entries[i + 1];
    Entry both = a;
    if (gap_ns(b.piece.begin_ns, b.piece.end_ns) > gap_ns(a.piece.begin_ns, a.piece.end_ns)) both.piece = b.piece;
    add_ns(both.running_ns, b.running_ns);
    add_ns(both.runnable_ns, b.runnable_ns);
    add_ns(both.syscall_ns, b.syscall_ns);
    add_ns(both.waiting_ns, b.waiting_ns);
    entries[i / 2] = both;
  }
  entries.erase(entries.begin() + static_cast<std::ptrdiff_t>(old / 2),
                entries.begin() + static_cast<std::ptrdiff_t>(old));
}

void TracePast::see(const Entry& entry, std::int64_t end_ns, std::int64_t from_ns, std::int64_t to_ns, Look& seen) {
  const Piece& piece = entry.piece;
  const std::int64_t of_piece = gap_ns(std::max(piece.begin_ns, from_ns), std::min(piece.end_ns, to_ns));
  if (of_piece > seen.longest_ns) {
    seen.longest_ns = of_piece;
    seen.longest = piece;
  }
  if (entry.begin_ns >= from_ns && end_ns <= to_ns) {
    add_ns(seen.states.running_ns, entry.running_ns);
    add_ns(seen.states.runnable_ns, entry.runnable_ns);
    add_ns(seen.states.syscall_ns, entry.syscall_ns);
    add_ns(seen.states.waiting_ns, entry.waiting_ns);
    return;
  }
  const std::int64_t length = gap_ns(piece.begin_ns, piece.end_ns);
  const std::int64_t rest = gap_ns(entry.begin_ns, end_ns) - length;
  const std::int64_t part = gap_ns(std::max(entry.begin_ns, from_ns), std::min(end_ns, to_ns)) - of_piece;
  const double share = rest > 0 ? std::clamp(static_cast<double>(part) / static_cast<double>(rest), 0.0, 1.0) : 0.0;
  const bool waits = piece.state == GoState::Waiting;
  const std::int64_t waiting = entry.waiting_ns - (waits ? length : 0);
  const std::int64_t syscall = entry.syscall_ns - (waits ? 0 : length);
  add_ns(seen.states.running_ns, scaled(entry.running_ns, share));
  add_ns(seen.states.runnable_ns, scaled(entry.runnable_ns, share));
  add_ns(seen.states.waiting_ns, scaled(waiting, share) + (waits ? of_piece : 0));
  add_ns(seen.states.syscall_ns, scaled(syscall, share) + (waits ? 0 : of_piece));
}

TracePast::Look TracePast::look(std::uint32_t g, std::int64_t from_ns, std::int64_t to_ns) const {
  Look seen;
  if (g >= slots_.size() || slots_[g] == 0) {
    seen.unborn_ns = gap_ns(from_ns, to_ns);
    return seen;
  }
  const Life& life = lives_[slots_[g]];
  seen.states.running_ns = gap_ns(std::max(from_ns, life.until_ns), to_ns);
  if (life.until_ns <= from_ns) return seen;
  see(life.newest, life.until_ns, from_ns, to_ns, seen);
  std::int64_t begin_ns = life.newest.begin_ns;
  for (auto entry = life.older.rbegin(); entry != life.older.rend() && begin_ns > from_ns; ++entry) {
    see(*entry, begin_ns, from_ns, to_ns, seen);
    begin_ns = entry->begin_ns;
  }
  seen.unborn_ns = gap_ns(from_ns, std::min(begin_ns, to_ns));
  return seen;
}

}  // namespace gopsy::analyze
