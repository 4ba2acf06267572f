#include "analyze/trace/survey.h"

#include "analyze/trace/time_sums.h"

#include <algorithm>
#include <utility>

namespace gopsy::analyze {

using model::GoState;

namespace {

bool busier(const SurveyedGoroutine& a, const SurveyedGoroutine& b) {
  return a.running_ns != b.running_ns ? a.running_ns > b.running_ns : a.number < b.number;
}

bool ready_longer(const SurveyedGoroutine& a, const SurveyedGoroutine& b) {
  return a.ready_ns != b.ready_ns ? a.ready_ns > b.ready_ns : busier(a, b);
}

bool blocked_longer(const SurveyedGoroutine& a, const SurveyedGoroutine& b) {
  return a.longest_block_ns != b.longest_block_ns ? a.longest_block_ns > b.longest_block_ns : busier(a, b);
}

}  // namespace

bool is_system_goroutine(std::string_view start_function) {
  return start_function.starts_with("runtime.") && start_function != "runtime.main";
}

void TraceSurvey::offer(std::vector<SurveyedGoroutine>& heap, const SurveyedGoroutine& one, Better better) const {
  if (heap.size() == most_) {
    if (most_ == 0 || !better(one, heap.front())) return;
    std::ranges::pop_heap(heap, better);
    heap.pop_back();
  }
  heap.push_back(one);
  std::ranges::push_heap(heap, better);
}

void TraceSurvey::step(const TraceContext& context, std::span<const model::TraceEvent> events,
                       std::span<const StateInterval> ended) {
  if (doing_.size() < context.lives.size()) doing_.resize(context.lives.size());
  // What nothing ended comes after the reader is gone, without events; a trace of nothing but its end has no names.
  if (!events.empty() && context.names != nullptr) keep_ids(proc_ids, context.names->procs);
  intervals += ended.size();
  for (const StateInterval& one : ended) {
    Doing& doing = doing_[one.g];
    const std::int64_t ns = one.length_ns();
    if (one.state == GoState::Running) {
      ++runs;
      if (one.p >= procs_ns.size()) procs_ns.resize(one.p + 1);
      add_ns(procs_ns[one.p], ns);
    }
    if (one.state == GoState::Waiting) {
      if (!one.is(StateInterval::kOpen)) doing.longest_block_ns = std::max(doing.longest_block_ns, ns);
      if (one.ended_by != 0) ++wakes;
    } else {
      add_ns(one.state == GoState::Running ? doing.running_ns : doing.ready_ns, ns);
    }
    if (one.next != GoState::NotExist && !one.is(StateInterval::kOpen)) continue;
    const Doing life = std::exchange(doing, {});
    const TraceLife& who = context.lives[one.g];
    ++goroutines;
    add_ns(running_ns[who.function], life.running_ns);
    const SurveyedGoroutine row{.number = who.number,
                                .goid = who.goid,
                                .function = who.function,
                                .running_ns = life.running_ns,
                                .ready_ns = life.ready_ns,
                                .longest_block_ns = life.longest_block_ns,
                                .system = is_system_goroutine(context.whole.symbols().text(who.function))};
    if (row.system) {
      offer(system_, row, busier);
    } else {
      offer(busy_, row, busier);
      offer(ready_, row, ready_longer);
      offer(blocked_, row, blocked_longer);
    }
  }
}

void TraceSurvey::finish(const TraceContext& context) {
  first_ns = context.first_ns;
  last_ns = context.last_ns;
  proc_ids.resize(std::max(proc_ids.size(), procs_ns.size()));
  std::ranges::sort(busy_, busier);
  std::ranges::sort(ready_, ready_longer);
  std::ranges::sort(blocked_, blocked_longer);
  std::ranges::sort(system_, busier);
  const auto take = [this](const SurveyedGoroutine& one) {
    if (chosen.size() < most_ && std::ranges::find(chosen, one.number, &SurveyedGoroutine::number) == chosen.end())
      chosen.push_back(one);
  };
  for (std::size_t i = 0; i < busy_.size(); ++i) {
    take(busy_[i]);
    take(ready_[i]);
    take(blocked_[i]);
  }
  for (const SurveyedGoroutine& one : system_) take(one);
}

}  // namespace gopsy::analyze
