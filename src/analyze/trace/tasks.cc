#include "analyze/trace/tasks.h"

#include <algorithm>
#include <utility>

#include "analyze/trace/time_sums.h"

namespace gopsy::analyze {

using model::GoState;
using model::TraceEvent;
using model::TraceTaskType;
using model::TraceType;

namespace {

constexpr std::uint64_t bits(std::initializer_list<TraceType> types) {
  std::uint64_t set = 0;
  for (const TraceType type : types) set |= std::uint64_t{1} << static_cast<unsigned>(type);
  return set;
}

bool concerns_tasks(TraceType type) {
  using enum TraceType;
  constexpr std::uint64_t kTypes =
      bits({TaskBegin, TaskEnd, RegionBegin, RegionEnd, Log, AssistBegin, AssistEnd, GoCreate, GoCreateBlocked});
  return static_cast<unsigned>(type) < 64 && (kTypes >> static_cast<unsigned>(type) & 1) != 0;
}

void note_longest(std::vector<TraceTaskType::One>& longest, const TraceTaskType::One& one) {
  const auto length = [](const TraceTaskType::One& any) { return gap_ns(any.begin_ns, any.end_ns); };
  if (longest.size() == TaskTimes::kLongest && length(one) <= length(longest.back())) return;
  const auto place = std::ranges::upper_bound(longest, length(one), std::ranges::greater{}, length);
  longest.insert(place, one);
  if (longest.size() > TaskTimes::kLongest) longest.pop_back();
}

}  // namespace

void TaskTimes::step(const TraceContext& context, std::span<const TraceEvent> events,
                     std::span<const StateInterval> ended) {
  if (watched_.size() < context.lives.size()) watched_.resize(context.lives.size());
  std::size_t next = 0;
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (!concerns_tasks(events[i].type)) continue;
    for (; next < ended.size() && ended[next].at < i; ++next)
      if (watched_[ended[next].g] != 0) interval(context, events, ended[next]);
    event(context, events[i]);
  }
  for (; next < ended.size(); ++next)
    if (watched_[ended[next].g] != 0) interval(context, events, ended[next]);
}

void TaskTimes::interval(const TraceContext& context, std::span<const TraceEvent> events, const StateInterval& one) {
  Worker& worker = workers_[one.g];
  const std::int64_t spent = gap_ns(std::max(one.begin_ns, worker.since_ns), one.end_ns);
  add_ns(worker.sums.states, one.state, spent);
  if (one.state == GoState::Waiting) add_ns(worker.sums.blocked[reason_row(one.reason)], spent);
  worker.since_ns = one.end_ns;
  worker.state = one.next;
  if (one.next == GoState::Waiting)
    worker.reason = one.ended == TraceType::GoBlock ? reason_row(context.whole.text(events[one.at].value)) : 0;
  if (one.next == GoState::NotExist || one.is(StateInterval::kOpen)) end_life(context, one.g, one.end_ns);
}

void TaskTimes::event(const TraceContext& context, const TraceEvent& event) {
  switch (event.type) {
    case TraceType::TaskBegin: return begin_task(context, event);
    case TraceType::TaskEnd: return end_task(context, event);
    case TraceType::RegionBegin: return begin_region(context, event);
    case TraceType::RegionEnd: return end_region(context, event);
    case TraceType::Log: return log(context, event);
    case TraceType::AssistBegin:
    case TraceType::AssistEnd: break;
    default: return created(context, event);
  }
  if (event.subject >= watched_.size() || watched_[event.subject] == 0) return;
  Worker& worker = workers_[event.subject];
  if (worker.assists) add_ns(worker.sums.assist_ns, gap_ns(worker.assist_since_ns, event.time_ns));
  worker.assists = event.type == TraceType::AssistBegin;
  worker.assist_since_ns = event.time_ns;
}

// Whoever is not watched yet runs: it is the one whose event this is.
TaskTimes::Worker& TaskTimes::watch(std::uint32_t g, std::int64_t now_ns) {
  if (g >= watched_.size()) watched_.resize(g + std::size_t{1});
  if (g >= workers_.size()) workers_.resize(g + std::size_t{1});
  Worker& worker = workers_[g];
  if (std::exchange(watched_[g], 1) == 0) {
    worker = {};
    worker.since_ns = now_ns;
    worker.state = GoState::Running;
  }
  return worker;
}

void TaskTimes::settle(std::uint32_t g) {
  const Worker& worker = workers_[g];
  if (worker.begun.empty() && worker.regions.empty() && worker.inherited == 0) watched_[g] = 0;
}

TaskTimes::Sums TaskTimes::sums_at(const Worker& worker, std::int64_t now_ns) const {
  Sums sums = worker.sums;
  const std::int64_t spent = gap_ns(worker.since_ns, now_ns);
  add_ns(sums.states, worker.state, spent);
  if (worker.state == GoState::Waiting) add_ns(sums.blocked[worker.reason], spent);
  return sums;
}

void TaskTimes::add(Sums& sum, const Sums& until, const Sums& since) const {
  add_ns(sum.states.running_ns, until.states.running_ns - since.states.running_ns);
  add_ns(sum.states.runnable_ns, until.states.runnable_ns - since.states.runnable_ns);
  add_ns(sum.states.waiting_ns, until.states.waiting_ns - since.states.waiting_ns);
  add_ns(sum.states.syscall_ns, until.states.syscall_ns - since.states.syscall_ns);
  add_ns(sum.states.unknown_ns, until.states.unknown_ns - since.states.unknown_ns);
  add_ns(sum.assist_ns, until.assist_ns - since.assist_ns);
  for (std::size_t i = 0; i < reasons_.size(); ++i) add_ns(sum.blocked[i], until.blocked[i] - since.blocked[i]);
}

std::uint32_t TaskTimes::reason_row(StringId reason) {
  const auto found = std::ranges::find(reasons_, reason);
  if (found != reasons_.end()) return static_cast<std::uint32_t>(found - reasons_.begin());
  if (reasons_.size() < kReasons) reasons_.push_back(reason);
  return static_cast<std::uint32_t>(reasons_.size() - 1);
}

std::uint32_t TaskTimes::type_row(const TraceContext& context, Types& types, StringId name) {
  const auto found = types.row_of.find(name);
  if (found != types.row_of.end()) return found->second;
  if (types.rows.size() == kTypes) {
    ++told_.other_types;
    return kTypes - 1;
  }
  const auto row = static_cast<std::uint32_t>(types.rows.size());
  types.row_of.emplace(name, row);
  types.rows.emplace_back();
  types.rows.back().told.name =
      row + 1 == kTypes ? "(all other names)" : std::string(context.whole.symbols().text(name));
  return row;
}

void TaskTimes::begin_task(const TraceContext& context, const TraceEvent& event) {
  const std::uint32_t row = type_row(context, tasks_, context.whole.text(event.subject));
  Type& type = tasks_.rows[row];
  ++type.told.count;
  const auto parent = event.other == model::kNoTask ? open_.end() : open_.find(event.other);
  if (parent != open_.end() && type.parents.size() < kTypes)
    ++type.parents[context.whole.symbols().intern(tasks_.rows[parent->second.type].told.name)];
  const auto [place, is_new] = open_.try_emplace(event.value);
  if (!is_new) return;  // the trace is damaged: the first one stands
  Worker& worker = watch(event.g, event.time_ns);
  Task& task = place->second;
  task.index = static_cast<std::uint32_t>(worker.begun.size());
  worker.begun.push_back(event.value);
  task.type = row;
  task.g = event.g;
  task.number = event.g < context.lives.size() ? context.lives[event.g].number : 0;
  task.goid = context.goid(event.g);
  task.begin_ns = event.time_ns;
  task.stack = context.whole.stack(event.stack);
  task.before = sums_at(worker, event.time_ns);
  if (type.told.stack == 0) type.told.stack = task.stack;
}

void TaskTimes::end_task(const TraceContext& context, const TraceEvent& event) {
  const auto place = open_.find(event.value);
  if (place == open_.end()) {
    TraceTaskType& told = tasks_.rows[type_row(context, tasks_, context.whole.text(event.subject))].told;
    ++told.count;
    ++told.unbegun;
    return;
  }
  const Task task = std::move(place->second);
  open_.erase(place);
  Type& type = tasks_.rows[task.type];
  type.durations.add(gap_ns(task.begin_ns, event.time_ns));
  note_longest(type.told.longest, {.task = event.value,
                                   .goid = task.goid,
                                   .end_goid = context.goid(event.g),
                                   .begin_ns = task.begin_ns,
                                   .end_ns = event.time_ns});
  close_task(context, task, event.g, event.time_ns);
}

void TaskTimes::close_task(const TraceContext& context, const Task& task, std::uint32_t ended_by, std::int64_t now_ns) {
  Type& type = tasks_.rows[task.type];
  if (!task.left && ended_by == task.g) {
    add(type.spent, sums_at(workers_[task.g], now_ns), task.before);
  } else {
    add(type.spent, task.by_regions, {});
  }
  for (const auto& [g, number] : task.heirs) {
    if (g >= watched_.size() || watched_[g] == 0 || context.lives[g].number != number) continue;
    add(type.spent, sums_at(workers_[g], now_ns), {});
    workers_[g].inherited = 0;
    settle(g);
  }
  if (!task.left) forget_task(task);
}

void TaskTimes::forget_task(const Task& task) {
  std::vector<std::uint64_t>& begun = workers_[task.g].begun;
  begun[task.index] = begun.back();
  begun.pop_back();
  if (task.index < begun.size()) open_.at(begun[task.index]).index = task.index;
  settle(task.g);
}

void TaskTimes::begin_region(const TraceContext& context, const TraceEvent& event) {
  const std::uint32_t row = type_row(context, regions_, context.whole.text(event.other));
  Type& type = regions_.rows[row];
  ++type.told.count;
  if (type.told.stack == 0) type.told.stack = context.whole.stack(event.stack);
  if (event.value != 0) {
    const auto task = open_.find(event.value);
    if (task != open_.end()) {
      ++tasks_.rows[task->second.type].told.regions;
      ++type.parents[context.whole.symbols().intern(tasks_.rows[task->second.type].told.name)];
    }
  }
  Worker& worker = watch(event.g, event.time_ns);
  const bool outermost =
      event.value != 0 && std::ranges::find(worker.regions, event.value, &Region::task) == worker.regions.end();
  worker.regions.push_back({.type = row,
                            .stack = context.whole.stack(event.stack),
                            .task = event.value,
                            .begin_ns = event.time_ns,
                            .outermost = outermost,
                            .before = sums_at(worker, event.time_ns)});
}

void TaskTimes::end_region(const TraceContext& context, const TraceEvent& event) {
  if (event.g >= watched_.size() || watched_[event.g] == 0 || workers_[event.g].regions.empty()) {
    TraceTaskType& told = regions_.rows[type_row(context, regions_, context.whole.text(event.other))].told;
    ++told.count;
    ++told.unbegun;
    return;
  }
  const Region region = workers_[event.g].regions.back();
  Type& type = regions_.rows[region.type];
  type.durations.add(gap_ns(region.begin_ns, event.time_ns));
  note_longest(type.told.longest, {.task = region.task,
                                   .goid = context.goid(event.g),
                                   .end_goid = context.goid(event.g),
                                   .begin_ns = region.begin_ns,
                                   .end_ns = event.time_ns});
  close_region(context, event.g, region, event.time_ns);
  workers_[event.g].regions.pop_back();
  settle(event.g);
}

void TaskTimes::close_region(const TraceContext& context, std::uint32_t g, const Region& region, std::int64_t now_ns) {
  const Sums now = sums_at(workers_[g], now_ns);
  add(regions_.rows[region.type].spent, now, region.before);
  const auto task = region.outermost ? open_.find(region.task) : open_.end();
  if (task == open_.end()) return;
  const bool beginner = task->second.g == g && context.lives[g].number == task->second.number;
  // Goroutines that were created for the task count as a whole.
  if (beginner) add(task->second.by_regions, now, region.before);
  if (!beginner && workers_[g].inherited != region.task) add(tasks_.rows[task->second.type].spent, now, region.before);
}

void TaskTimes::created(const TraceContext& context, const TraceEvent& event) {
  if (event.g >= watched_.size() || watched_[event.g] == 0 || workers_[event.g].regions.empty()) return;
  const std::uint64_t id = workers_[event.g].regions.back().task;
  const auto task = open_.find(id);
  if (id == 0 || task == open_.end() || event.subject >= context.lives.size()) return;
  Worker& heir = watch(event.subject, event.time_ns);
  heir.state = event.type == TraceType::GoCreate ? GoState::Runnable : GoState::Waiting;
  heir.inherited = id;
  task->second.heirs.emplace_back(event.subject, context.lives[event.subject].number);
}

void TaskTimes::log(const TraceContext& context, const TraceEvent& event) {
  const StringId category = context.whole.text(event.subject);
  if (logs_.size() < kTypes || logs_.contains(category)) ++logs_[category];
  const auto task = open_.find(event.value);
  if (task != open_.end()) ++tasks_.rows[task->second.type].told.logs;
  if (event.g < watched_.size() && watched_[event.g] != 0 && !workers_[event.g].regions.empty())
    ++regions_.rows[workers_[event.g].regions.back().type].told.logs;
}

void TaskTimes::end_life(const TraceContext& context, std::uint32_t g, std::int64_t now_ns) {
  Worker& worker = workers_[g];
  for (auto region = worker.regions.rbegin(); region != worker.regions.rend(); ++region) {
    TraceTaskType& told = regions_.rows[region->type].told;
    ++told.unended;
    if (told.open.size() < kOpen)
      told.open.push_back({.task = region->task,
                           .goid = context.goid(g),
                           .end_goid = 0,
                           .begin_ns = region->begin_ns,
                           .end_ns = now_ns});
    close_region(context, g, *region, now_ns);
  }
  worker.regions.clear();
  for (const std::uint64_t id : worker.begun) {
    Task& task = open_.at(id);
    Sums did;
    add(did, sums_at(worker, now_ns), task.before);
    task.before = did;
    task.left = true;
  }
  worker.begun.clear();
  const auto task = worker.inherited == 0 ? open_.end() : open_.find(worker.inherited);
  if (task != open_.end()) add(tasks_.rows[task->second.type].spent, sums_at(worker, now_ns), {});
  watched_[g] = 0;
}

std::vector<TraceTaskType> TaskTimes::rows_of(const TraceContext& context, Types& types) const {
  std::vector<TraceTaskType> rows;
  const auto name_of = [&](StringId id) { return std::string(context.whole.symbols().text(id)); };
  for (Type& type : types.rows) {
    TraceTaskType& told = type.told;
    told.durations = type.durations.take();
    told.spent.states = type.spent.states;
    told.spent.assist_ns = type.spent.assist_ns;
    for (std::size_t i = 0; i < reasons_.size(); ++i)
      if (type.spent.blocked[i] != 0)
        told.spent.blocked.push_back({.reason = name_of(reasons_[i]), .ns = type.spent.blocked[i]});
    std::ranges::stable_sort(told.spent.blocked, [](const auto& a, const auto& b) { return a.ns > b.ns; });
    for (const auto& [name, count] : type.parents) told.parents.push_back({.name = name_of(name), .count = count});
    std::ranges::sort(told.parents, [](const auto& a, const auto& b) {
      return std::pair(b.count, std::string_view(a.name)) < std::pair(a.count, std::string_view(b.name));
    });
    std::ranges::stable_sort(told.open, {}, &TraceTaskType::One::begin_ns);
    rows.push_back(std::move(told));
  }
  std::ranges::stable_sort(rows,
                           [](const auto& a, const auto& b) { return a.durations.total_ns > b.durations.total_ns; });
  return rows;
}

void TaskTimes::finish(const TraceContext& context) {
  std::vector<std::pair<std::uint64_t, const Task*>> unended;
  for (const auto& [id, task] : open_) unended.emplace_back(id, &task);
  std::ranges::sort(unended, {}, [](const auto& one) { return std::pair(one.second->begin_ns, one.first); });
  for (const auto& [id, task] : unended) {
    TraceTaskType& told = tasks_.rows[task->type].told;
    ++told.unended;
    add(tasks_.rows[task->type].spent, task->before, {});
    if (told.open.size() < kOpen)
      told.open.push_back(
          {.task = id, .goid = task->goid, .end_goid = 0, .begin_ns = task->begin_ns, .end_ns = context.last_ns});
  }
  told_.tasks = rows_of(context, tasks_);
  told_.regions = rows_of(context, regions_);
  for (const auto& [name, count] : logs_)
    told_.logs.push_back({.name = std::string(context.whole.symbols().text(name)), .count = count});
  std::ranges::sort(told_.logs, [](const auto& a, const auto& b) {
    return std::pair(b.count, std::string_view(a.name)) < std::pair(a.count, std::string_view(b.name));
  });
}

}  // namespace gopsy::analyze
