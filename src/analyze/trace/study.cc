#include "analyze/trace/study.h"

#include <algorithm>
#include <utility>

#include "analyze/trace/time_sums.h"
#include "model/trace_changes.h"

namespace gopsy::analyze {

using model::GoState;
using model::TraceEvent;
using model::TraceType;

TraceStudy::TraceStudy(model::Symbols& symbols, std::vector<TracePart*> parts, TraceRange range)
    : whole_(symbols),
      context_{.whole = whole_, .tables = nullptr, .names = nullptr, .lives = {}, .first_ns = 0, .last_ns = 0},
      parts_(std::move(parts)),
      range_(range) {}

void TraceStudy::generation(const model::TraceTables& tables, const model::TraceNames& names) {
  whole_.generation(tables);
  new_generation_ = true;
  context_.tables = &tables;
  context_.names = &names;
  for (TracePart* part : parts_) part->generation(context_);
}

void TraceStudy::events(std::span<const TraceEvent> chunk) {
  // A trace without a generation has nothing but its end.
  if (over_ || chunk.empty() || context_.names == nullptr) return;
  if (!std::exchange(any_, true)) {
    from_ns_ = range_.from_ns <= 0 ? INT64_MIN : later(chunk.front().time_ns, range_.from_ns);
    to_ns_ = later(chunk.front().time_ns, range_.to_ns);
    context_.first_ns = context_.last_ns = std::max(from_ns_, chunk.front().time_ns);
  }
  // A generation begins with a Sync.
  if (std::exchange(new_generation_, false)) sync_ns_ = chunk.front().time_ns;
  // Times increase.
  const auto in_time = [&](std::int64_t ns) {
    return static_cast<std::size_t>(std::ranges::upper_bound(chunk, ns, {}, &TraceEvent::time_ns) - chunk.begin());
  };
  const std::size_t end = chunk.back().time_ns <= to_ns_ ? chunk.size() : in_time(to_ns_);
  const std::size_t begin = chunk.front().time_ns >= from_ns_ ? 0 : std::min(end, in_time(from_ns_ - 1));
  if (begin > 0)
    for (TracePart* part : parts_) part->before(context_, chunk.first(begin));
  std::size_t handed = begin;
  for (std::size_t i = 0; i < end; ++i) {
    const TraceEvent& event = chunk[i];
    if (!changes_goroutine(event.type) || event.subject == 0) continue;
    if (event.subject >= doing_.size()) {
      doing_.resize(event.subject + 1);
      context_.lives.resize(event.subject + 1);
    }
    // A goroutine that damage makes begin twice: the parts see its first life before the row is another's.
    const bool again = (event.from <= static_cast<std::uint8_t>(GoState::NotExist)) &&
                       doing_[event.subject].state != GoState::NotExist;
    if (again) {
      end_interval(event.subject, event, static_cast<std::uint32_t>(i - std::min(i, handed)));
      if (!ended_.empty()) ended_.back().next = GoState::NotExist;
      doing_[event.subject].state = GoState::NotExist;
      doing_[event.subject].since_ns = event.time_ns;
      hand_on(chunk.subspan(handed, i + 1 > handed ? i + 1 - handed : 0));
      handed = std::max(handed, i + 1);
    }
    change(event, static_cast<std::uint32_t>(i - std::min(i, handed)));
  }
  if (end > begin) context_.last_ns = chunk[end - 1].time_ns;
  hand_on(chunk.subspan(handed, end - handed));
  if (end == chunk.size()) return;
  over_ = true;
  context_.last_ns = std::max(to_ns_, context_.first_ns);
  end_open();
}

void TraceStudy::hand_on(std::span<const TraceEvent> events) {
  if (!events.empty() || !ended_.empty())
    for (TracePart* part : parts_) part->step(context_, events, ended_);
  ended_.clear();
}

void TraceStudy::begin_life(const TraceEvent& event, TraceLife& life) {
  const bool created = event.type == TraceType::GoCreate || event.type == TraceType::GoCreateBlocked;
  const std::uint32_t stack = whole_.stack(created ? static_cast<std::uint32_t>(event.other) : event.stack);
  life = {.goid = event.subject < context_.names->goroutines.size() ? context_.names->goroutines[event.subject] : 0,
          .creator = created && event.g < context_.lives.size() ? context_.lives[event.g].goid : 0,
          .born_ns = event.time_ns,
          .number = ++goroutines_,
          .start_stack = stack,
          .creation_stack = created ? whole_.stack(event.stack) : 0,
          .function = whole_.outermost(stack),
          .found = event.type == TraceType::GoStatus || event.type == TraceType::GoStatusStack,
          .ran = false};
}

void TraceStudy::end_interval(std::uint32_t g, const TraceEvent& event, std::uint32_t at) {
  const Doing& doing = doing_[g];
  if (event.time_ns < from_ns_) return;
  const bool cut = doing.since_ns < from_ns_;
  // Member by member: a whole one that is copied in waits for the narrow stores that made it, a third of the time here.
  StateInterval& one = ended_.emplace_back();
  one.begin_ns = cut ? from_ns_ : doing.since_ns;
  one.end_ns = event.time_ns;
  one.begun_by = doing.begun_by;
  one.g = g;
  one.stack = doing.stack;
  one.ended_by = event.g;
  one.end_stack = whole_.stack(event.stack);
  one.reason = doing.reason;
  one.p = doing.p;
  one.m = doing.m;
  one.at = at;
  one.state = doing.state;
  one.next = static_cast<GoState>(event.to);
  one.begun = doing.begun;
  one.ended = event.type;
  one.flags = static_cast<std::uint8_t>((doing.found ? StateInterval::kFound : 0) | (cut ? StateInterval::kCut : 0) |
                                        (context_.lives[g].ran ? 0 : StateInterval::kUnstarted) |
                                        (doing.stack_later ? StateInterval::kStackLater : 0));
}

void TraceStudy::change(const TraceEvent& event, std::uint32_t at) {
  const std::uint32_t g = event.subject;
  Doing& doing = doing_[g];
  TraceLife& life = context_.lives[g];
  const auto to = static_cast<GoState>(event.to);
  const bool begins = doing.state == GoState::NotExist;
  if (begins) {
    if (to == GoState::NotExist) return;
    begin_life(event, life);
  } else if (doing.state == to) {
    // Said again at the head of a generation, now perhaps with a stack.
    if (doing.stack == 0 && event.type == TraceType::GoStatusStack) {
      doing.stack = whole_.stack(event.stack);
      doing.stack_later = true;
    }
    return;
  } else {
    end_interval(g, event, at);
  }
  life.ran |= to == GoState::Running;
  const std::uint32_t stack = whole_.stack(event.stack);
  if (life.function.none() && event.g == g && stack > model::TraceStacks::kLost)
    life.function = whole_.outermost(stack);
  const bool has_reason = event.type == TraceType::GoBlock || event.type == TraceType::GoStop;
  // One that is found was so since its generation began: the first that is said of it is said before it does anything.
  doing.since_ns = begins && life.found ? std::max(sync_ns_, doing.since_ns) : event.time_ns;
  doing.begun_by = event.g < context_.lives.size() ? context_.lives[event.g].goid : 0;
  doing.stack = stack;
  doing.reason = has_reason ? whole_.text(event.value) : StringId();
  doing.p = event.p;
  doing.m = event.m;
  doing.state = to;
  doing.begun = event.type;
  doing.found = begins && life.found;
  doing.stack_later = false;
}

void TraceStudy::end_open() {
  for (std::uint32_t g = 0; g < doing_.size(); ++g) {
    if (doing_[g].state == GoState::NotExist) continue;
    TraceEvent last;
    last.time_ns = context_.last_ns;
    last.to = static_cast<std::uint8_t>(doing_[g].state);
    end_interval(g, last, 0);
    if (!ended_.empty()) ended_.back().flags |= StateInterval::kOpen;
    doing_[g].state = GoState::NotExist;
    if (ended_.size() == 512) hand_on({});
  }
  hand_on({});
  for (TracePart* part : parts_) part->finish(context_);
}

void TraceStudy::finish() {
  // The reader is gone, and its tables with it: who looks at them now has to find that out, not read what was theirs.
  context_.tables = nullptr;
  context_.names = nullptr;
  if (!std::exchange(over_, true)) end_open();
}

}  // namespace gopsy::analyze
