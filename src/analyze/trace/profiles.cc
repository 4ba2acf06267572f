#include "analyze/trace/profiles.h"

#include "analyze/trace/time_sums.h"

#include <utility>

namespace gopsy::analyze {

using model::GoState;
using model::TraceEvent;
using model::TraceProfiles;
using model::TraceType;
using What = TraceProfiles::What;

namespace {

// The kinds that have no reasons, in the order of What.
constexpr std::array kPlainKinds{What::Running, What::Runnable, What::Syscall,
                                 What::Blocked, What::Woken,    What::Sample};

constexpr std::uint32_t kind_of(What what) { return static_cast<std::uint32_t>(what); }

}  // namespace

StackProfiles::StackProfiles(Wanted wanted) : wanted_(std::move(wanted)) {
  for (const What what : kPlainKinds) profiles_.kinds.push_back({.what = what, .reason = {}});
}

void StackProfiles::step(const TraceContext& context, std::span<const TraceEvent> events,
                         std::span<const StateInterval> ended) {
  if (lives_.size() < context.lives.size()) lives_.resize(context.lives.size());
  for (const StateInterval& one : ended) interval(context, one);
  for (const TraceEvent& event : events) {
    if (event.type != TraceType::CpuSample) continue;
    const StringId function = event.g < context.lives.size() ? context.lives[event.g].function : StringId();
    if (wanted_ && !is_wanted(context, function)) continue;
    const std::uint32_t stack = context.whole.stack(event.stack);
    ++profiles_.rows[row(stack, What::Sample, kind_of(What::Sample), function)].count;
  }
}

void StackProfiles::interval(const TraceContext& context, const StateInterval& one) {
  Life& life = lives_[one.g];
  const StringId function = context.lives[one.g].function;
  if (!wanted_ || is_wanted(context, function)) {
    switch (one.state) {
      case GoState::Running:
        if (!is_of(life.running, kind_of(What::Running), function))
          life.running = find_row(0, kind_of(What::Running), function) + 1;
        count(life.running - 1, one);
        break;
      case GoState::Runnable: {
        count(row(own_stack(context, life, one), What::Runnable, kind_of(What::Runnable), function), one);
        const std::uint32_t stack = one.is(StateInterval::kStackLater) ? 0 : one.stack;
        count_contention(life, row(stack, What::Woken, kind_of(What::Woken), function), one);
        break;
      }
      case GoState::Syscall: count_wait(life, What::Syscall, kind_of(What::Syscall), function, one); break;
      case GoState::Waiting: count_wait(life, What::Blocked, kind_of_reason(one.reason), function, one); break;
      default: break;
    }
  }
  if (one.state == GoState::Syscall || one.state == GoState::Waiting) life.own_stack = one.stack;
  if (one.next == GoState::NotExist || one.is(StateInterval::kOpen)) {
    if (life.pending != 0) {
      TraceProfiles::Row& sum = profiles_.rows[life.pending - 1];
      ++sum.contentions;
      add_ns(sum.delay_ns, life.pending_ns);
    }
    life = {};
  }
}

// Where a goroutine that can run last stopped itself. The event that made it runnable is another's doing, mostly, and
// its stack that one's.
std::uint32_t StackProfiles::own_stack(const TraceContext& context, const Life& life, const StateInterval& one) {
  switch (one.begun) {
    case TraceType::GoCreate: return context.lives[one.g].start_stack;
    case TraceType::GoStop:
    case TraceType::GoStatus:
    case TraceType::GoStatusStack: return one.stack;
    default: return life.own_stack;
  }
}

void StackProfiles::count(std::uint32_t at, const StateInterval& one) {
  TraceProfiles::Row& sum = profiles_.rows[at];
  ++sum.count;
  add_ns(sum.ns, one.length_ns());
}

void StackProfiles::count_wait(Life& life, What what, std::uint32_t kind, StringId function, const StateInterval& one) {
  const std::uint32_t at = row(one.stack, what, kind, function);
  count(at, one);
  count_contention(life, one.is(StateInterval::kStackLater) ? row(0, what, kind, function) : at, one);
}

// A goroutine's time begins where it first runs, in go tool trace; one that never runs has all of the trace. So what
// it did before counts only once it is known that it never ran.
void StackProfiles::count_contention(Life& life, std::uint32_t at, const StateInterval& one) {
  if (one.is(StateInterval::kUnstarted) && one.next == GoState::Running) {
    life.pending = 0;
    return;
  }
  if (one.is(StateInterval::kOpen)) return;
  if (one.is(StateInterval::kUnstarted)) {
    life.pending = at + 1;
    life.pending_ns = one.length_ns();
    return;
  }
  TraceProfiles::Row& sum = profiles_.rows[at];
  ++sum.contentions;
  add_ns(sum.delay_ns, one.length_ns());
}

bool StackProfiles::is_of(std::uint32_t row_plus_1, std::uint32_t kind, StringId function) const {
  if (row_plus_1 == 0) return false;
  const TraceProfiles::Row& row = profiles_.rows[row_plus_1 - 1];
  return row.kind == kind && row.function == function;
}

std::uint32_t StackProfiles::row(std::uint32_t stack, What what, std::uint32_t kind, StringId function) {
  if (stack >= last_.size()) last_.resize(stack + std::size_t{1});
  std::uint32_t& last = last_[stack][static_cast<std::size_t>(what)];
  if (!is_of(last, kind, function)) last = find_row(stack, kind, function) + 1;
  return last - 1;
}

std::uint32_t StackProfiles::find_row(std::uint32_t stack, std::uint32_t kind, StringId function) {
  const auto [number, is_new] = rows_.number(stack, parts_.number(function.value, kind).number);
  if (is_new) profiles_.rows.push_back({.stack = stack, .kind = kind, .function = function});
  return number - 1;
}

std::uint32_t StackProfiles::kind_of_reason(StringId reason) {
  if (reason.none()) return kind_of(What::Blocked);
  if (reason.value >= reason_kinds_.size()) reason_kinds_.resize(reason.value + std::size_t{1});
  std::uint32_t& kind = reason_kinds_[reason.value];
  if (kind == 0) {
    kind = static_cast<std::uint32_t>(profiles_.kinds.size());
    profiles_.kinds.push_back({.what = What::Blocked, .reason = reason});
  }
  return kind;
}

bool StackProfiles::is_wanted(const TraceContext& context, StringId function) {
  if (function.value >= wanted_names_.size()) wanted_names_.resize(function.value + std::size_t{1});
  std::uint8_t& known = wanted_names_[function.value];
  if (known == 0) known = wanted_(context.whole.symbols().text(function)) ? 2 : 1;
  return known == 2;
}

}  // namespace gopsy::analyze
