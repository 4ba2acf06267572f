#include "analyze/trace/load_signs.h"

#include <algorithm>

#include "analyze/trace/time_sums.h"
#include "analyze/trace/wait_kind.h"

namespace gopsy::analyze {

using model::GoState;
using model::ProcState;
using model::TraceEvent;
using model::TraceSigns;
using model::TraceType;

namespace {

constexpr std::size_t kPanicsKept = 8;

}  // namespace

LoadSigns::LoadSigns(TraceSigns& signs, std::int64_t threshold_ns, bool from_the_start)
    : signs_(signs), long_run_ns_(std::max(threshold_ns, kLongestTurnNs)), counts_load_(from_the_start) {}

void LoadSigns::step(const TraceContext& context, std::span<const TraceEvent> events,
                     std::span<const StateInterval> ended) {
  if (doing_.size() < context.lives.size()) doing_.resize(context.lives.size());
  for (const TraceEvent& event : events) {
    using enum TraceType;
    const TraceType type = event.type;
    if ((type >= GoCreate && type <= GoStatus) || (type >= GoSwitch && type <= GoStatusStack)) {
      count_goroutine(context, event);
    } else if (type >= ProcStart && type <= ProcStatus) {
      count_proc(event);
    } else if (type == ProcsChange) {
      advance(event.time_ns);
      signs_.load.procs_changes += signs_.load.procs != 0 && signs_.load.procs != event.value ? 1 : 0;
      signs_.load.procs = event.value;
    } else if (type == StwBegin || type == StwEnd) {
      stop(context, event);
    } else if (type == CpuSample) {
      if (samples_.size() < context.lives.size()) samples_.resize(context.lives.size());
      if (event.g < samples_.size()) samples_[event.g] = {event.time_ns, context.whole.stack(event.stack)};
    } else if (type >= TaskBegin && type <= Log) {
      look_for_panic(context, event.time_ns, event.g, context.whole.stack(event.stack));
    }
  }
  for (const StateInterval& one : ended) {
    if (one.end_stack > model::TraceStacks::kLost && one.ended_by != 0)
      look_for_panic(context, one.end_ns, one.ended_by, one.end_stack);
    if (one.state == GoState::Running && one.length_ns() >= long_run_ns_) run(context, one);
  }
}

void LoadSigns::advance(std::int64_t now_ns) {
  TraceSigns::Load& load = signs_.load;
  if (begun_ && counts_load_ && load.procs != 0) {
    const std::int64_t ns = between(now_ns_, now_ns);
    add_ns(load.counted_ns, ns);
    if (runnable_ != 0) {
      load.most_queued = std::max(load.most_queued, runnable_);
      const bool full = busy_procs_ >= load.procs;
      add_ns(full ? load.full_ns : load.idle_ns, ns);
      (full ? load.full_queue_ns : load.idle_queue_ns) += static_cast<double>(ns) * static_cast<double>(runnable_);
      if (full) {
        if (!full_ || between(full_until_ns_, now_ns_) > TraceSigns::Load::kBreakNs) end_full(now_ns_);
        full_ = true;
        full_until_ns_ = now_ns;
      }
    }
  }
  begun_ = true;
  now_ns_ = now_ns;
}

void LoadSigns::end_full(std::int64_t now_ns) {
  const std::int64_t ns = between(full_since_ns_, full_until_ns_);
  if (ns > signs_.load.longest_full_ns) {
    signs_.load.longest_full_ns = ns;
    signs_.load.longest_full_at_ns = full_since_ns_;
  }
  full_since_ns_ = full_until_ns_ = now_ns;
}

void LoadSigns::count_goroutine(const TraceContext& context, const TraceEvent& event) {
  if (event.subject == 0 || event.subject >= doing_.size()) return;
  const auto to = static_cast<GoState>(event.to);
  GoState& now = doing_[event.subject];
  if (now == to) return;
  if (now == GoState::Runnable) {
    advance(event.time_ns);
    --runnable_;
  } else if (to == GoState::Runnable) {
    advance(event.time_ns);
    ++runnable_;
  }
  if (stop_.pending) {
    if (to == GoState::Running && stop_.started.size() < 256) stop_.started.push_back(event.subject);
    if (now == GoState::Running && event.subject != stop_.g &&
        std::ranges::find(stop_.started, event.subject) == stop_.started.end() && stop_.started.size() < 256)
      stop_.halt = {.begin_ns = stop_.begin_ns,
                    .end_ns = event.time_ns,
                    .goroutine = context.goid(stop_.g),
                    .by = context.goid(event.subject),
                    .stack = 0,
                    .by_stack = event.g == event.subject ? context.whole.stack(event.stack) : 0,
                    .text = {}};
  }
  now = to;
}

void LoadSigns::count_proc(const TraceEvent& event) {
  if (event.subject >= busy_.size()) busy_.resize(event.subject + std::size_t{1});
  const bool busy = static_cast<ProcState>(event.to) == ProcState::Running;
  signs_.steals += event.type == TraceType::ProcSteal ? 1 : 0;
  if (busy_[event.subject] == busy) return;
  advance(event.time_ns);
  busy_[event.subject] = busy;
  busy_procs_ += busy ? 1 : std::uint64_t(-1);
}

void LoadSigns::stop(const TraceContext& context, const TraceEvent& event) {
  if (event.type == TraceType::StwBegin) {
    stop_.begin_ns = event.time_ns;
    stop_.halt = {};
    stop_.started.clear();
    stop_.g = event.g;
    stop_.pending = true;
    return;
  }
  if (!stop_.pending) return;
  stop_.pending = false;
  if (stop_.halt.by == 0 || !slow_stops_.wants(stop_.halt.length_ns())) return;
  stop_.halt.text = context.whole.text(event.value);
  slow_stops_.add(stop_.halt);
}

void LoadSigns::look_for_panic(const TraceContext& context, std::int64_t time_ns, std::uint32_t g,
                               std::uint32_t stack) {
  if (stack >= panics_.size()) panics_.resize(stack + std::size_t{64});
  Panics& panics = panics_[stack];
  if (panics == Panics::No) [[likely]]
    return;
  if (panics == Panics::Unknown) {
    const bool has = has_function(stack, "runtime.gopanic", context.whole.stacks(), context.whole.symbols());
    panics = has ? Panics::Yes : Panics::No;
    if (has && signs_.panics.size() < kPanicsKept)
      signs_.panics.push_back({.begin_ns = time_ns,
                               .end_ns = time_ns,
                               .goroutine = context.goid(g),
                               .by = 0,
                               .stack = stack,
                               .by_stack = 0,
                               .text = g < context.lives.size() ? context.lives[g].function : StringId()});
  }
  if (panics == Panics::Yes) ++signs_.panic_sightings;
}

void LoadSigns::run(const TraceContext& context, const StateInterval& one) {
  const TraceLife& life = context.lives[one.g];
  if (of_runtime(context.whole.symbols().text(life.function))) return;
  ++signs_.long_run_count;
  add_ns(signs_.long_run_ns, one.length_ns());
  if (!long_runs_.wants(one.length_ns())) return;
  const bool sampled = one.g < samples_.size() && samples_[one.g].time_ns >= one.begin_ns;
  long_runs_.add({.begin_ns = one.begin_ns,
                  .end_ns = one.end_ns,
                  .goroutine = life.goid,
                  .by = 0,
                  .stack = one.end_stack,
                  .by_stack = sampled ? samples_[one.g].stack : 0,
                  .text = life.function});
}

void LoadSigns::finish(const TraceContext& context) {
  advance(context.last_ns);
  end_full(context.last_ns);
  signs_.slow_stops = slow_stops_.take();
  signs_.long_runs = long_runs_.take();
}

}  // namespace gopsy::analyze
