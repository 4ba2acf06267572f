#include "render/trace/perfetto.h"

#include <algorithm>
#include <utility>

#include "analyze/trace/survey.h"
#include "base/format.h"
#include "base/text.h"

namespace gopsy::render {

using analyze::StateInterval;
using analyze::TraceContext;
using model::GoState;
using model::TraceEvent;
using model::TraceType;

namespace {

// Tracks by number: what it is a track of in the low bits.
enum TrackKind : std::uint64_t { kGoroutine, kNotes, kAssists, kProc, kSweeps, kTask, kFixed };

constexpr std::uint64_t track_of(TrackKind kind, std::uint64_t number) { return number << 3 | kind; }

constexpr std::uint64_t kProcess = track_of(kFixed, 1);
constexpr std::uint64_t kCounters = track_of(kFixed, 2);
constexpr std::uint64_t kCollector = track_of(kFixed, 3);
constexpr std::uint64_t kStops = track_of(kFixed, 4);
constexpr std::uint64_t kProcs = track_of(kFixed, 5);
constexpr std::uint64_t kTasks = track_of(kFixed, 6);
constexpr std::uint64_t kGoroutines = track_of(kFixed, 7);
constexpr std::uint64_t kHeap = track_of(kFixed, 8);
constexpr std::uint64_t kGoal = track_of(kFixed, 9);
constexpr std::uint64_t kMaxProcs = track_of(kFixed, 10);
constexpr std::uint64_t kRunning = track_of(kFixed, 11);
constexpr std::uint64_t kRunnable = track_of(kFixed, 12);
constexpr std::uint64_t kSyscalls = track_of(kFixed, 13);
constexpr std::uint64_t kWaiting = track_of(kFixed, 14);
constexpr std::uint64_t kThreads = track_of(kFixed, 15);

constexpr std::uint64_t kNoGoal = std::uint64_t{1} << 60;

enum FixedName : std::uint64_t {
  kNone,
  kNameRunnable,
  kNameSyscall,
  kNameBlocked,
  kNameUnknown,
  kNameMark,
  kNameSweep,
  kNameAssist,
  kNameSample
};

std::int64_t later(std::int64_t ns, std::int64_t by) {
  std::int64_t sum = 0;
  return __builtin_add_overflow(ns, by, &sum) ? INT64_MAX : sum;
}

std::int64_t wall_ns(const model::TraceClock& clock) {
  std::int64_t ns = 0;
  if (__builtin_mul_overflow(clock.wall_s, std::int64_t{1'000'000'000}, &ns)) return 0;
  return later(ns, clock.wall_ns);
}

}  // namespace

PerfettoTrace::PerfettoTrace(model::Symbols& symbols, Options options, TextSink sink)
    : options_(std::move(options)), packets_(std::move(sink)), study_(symbols, {this}, options_.range) {}

void PerfettoTrace::describe_fixed() {
  using Unit = Packets::Unit;
  packets_.track({.uuid = kProcess, .name = options_.title, .process = true});
  std::int64_t rank = 0;
  for (const auto& [uuid, name] : {std::pair<std::uint64_t, std::string_view>{kCounters, "Counters"},
                                   {kCollector, "Garbage collector"},
                                   {kStops, "World stopped"},
                                   {kProcs, "Ps"},
                                   {kTasks, "Tasks"},
                                   {kGoroutines, "Goroutines"}})
    packets_.track({.uuid = uuid, .parent = kProcess, .name = name, .rank = rank++});
  struct Counter {
    std::uint64_t uuid;
    std::string_view name;
    Unit unit;
  };
  for (const Counter& counter :
       {Counter{kHeap, "heap", Unit::Bytes}, Counter{kGoal, "heap goal", Unit::Bytes},
        Counter{kMaxProcs, "GOMAXPROCS", Unit::Count}, Counter{kRunning, "goroutines running", Unit::Count},
        Counter{kRunnable, "goroutines runnable", Unit::Count},
        Counter{kSyscalls, "goroutines in system calls", Unit::Count},
        Counter{kWaiting, "goroutines blocked", Unit::Count},
        Counter{kThreads, "threads running or in system calls", Unit::Count}})
    packets_.track({.uuid = counter.uuid,
                    .parent = kCounters,
                    .name = counter.name,
                    .rank = rank++,
                    .counter = true,
                    .unit = counter.unit});
}

void PerfettoTrace::generation(const model::TraceTables& tables, const model::TraceNames& names) {
  names_ = &names;
  study_.generation(tables, names);
  if (tables.clock) packets_.clock(tables.clock->trace_ns, wall_ns(*tables.clock));
}

void PerfettoTrace::events(std::span<const TraceEvent> chunk) {
  if (!chunk.empty() && !std::exchange(any_, true)) {
    describe_fixed();
    if (options_.range.from_ns > 0) from_ns_ = later(chunk.front().time_ns, options_.range.from_ns);
    to_ns_ = later(chunk.front().time_ns, options_.range.to_ns);
  }
  if (names_ != nullptr) analyze::keep_ids(proc_ids_, names_->procs);
  for (const TraceEvent& event : chunk) {
    changed_ |= counts_.take(event);
    if (!changed_ || event.time_ns < from_ns_ || event.time_ns > to_ns_) continue;
    if (counted_ns_ == INT64_MIN || event.time_ns >= later(counted_ns_, options_.counter_period_ns))
      counts(event.time_ns);
  }
  study_.events(chunk);
}

void PerfettoTrace::finish_trace() {
  study_.finish();
  if (changed_ && any_) counts(study_.context().last_ns);
  packets_.flush();
}

void PerfettoTrace::counts(std::int64_t ns) {
  counted_ns_ = ns;
  changed_ = false;
  const std::int64_t running = counts_.of(GoState::Running);
  const std::int64_t syscalls = counts_.of(GoState::Syscall);
  for (const auto& [track, value] : {std::pair{kRunning, running}, std::pair{kRunnable, counts_.of(GoState::Runnable)},
                                     std::pair{kSyscalls, syscalls}, std::pair{kWaiting, counts_.of(GoState::Waiting)},
                                     std::pair{kThreads, running + syscalls}})
    packets_.event({.ns = ns, .kind = Packets::Kind::Counter, .track = track, .value = value}, study_.whole());
}

void PerfettoTrace::step(const TraceContext& context, std::span<const TraceEvent> events,
                         std::span<const StateInterval> ended) {
  std::size_t next = 0;
  for (std::size_t i = 0; i < events.size(); ++i) {
    one_event(context, events[i]);
    for (; next < ended.size() && ended[next].at <= i; ++next) one_interval(context, ended[next]);
  }
  for (; next < ended.size(); ++next) one_interval(context, ended[next]);
}

bool PerfettoTrace::is_chosen(const TraceContext& context, std::uint32_t g) const {
  if (g == 0 || g >= context.lives.size() || context.lives[g].number == 0) return false;
  return options_.chosen.empty() ||
         (context.lives[g].number < options_.chosen.size() && options_.chosen[context.lives[g].number]);
}

std::string PerfettoTrace::name_of(const TraceContext& context, std::uint32_t g) {
  const model::Symbols& symbols = context.whole.symbols();
  const analyze::TraceLife& life = context.lives[g];
  std::string name = fmt::format("G{}", life.goid);
  if (life.function) name += fmt::format(" {}", model::short_function(symbols.text(life.function)));
  return name;
}

PerfettoTrace::Row& PerfettoTrace::row(const TraceContext& context, std::uint32_t g) {
  if (g >= rows_.size()) rows_.resize(context.lives.size());
  Row& row = rows_[g];
  if (row.number == context.lives[g].number) return row;
  row = {.number = context.lives[g].number};
  packets_.track({.uuid = track_of(kGoroutine, row.number),
                  .parent = kGoroutines,
                  .name = name_of(context, g),
                  .rank = static_cast<std::int64_t>(std::min<std::uint64_t>(context.lives[g].goid, INT32_MAX))});
  return row;
}

std::uint64_t PerfettoTrace::notes_track(const TraceContext& context, std::uint32_t g) {
  Row& of = row(context, g);
  const std::uint64_t track = track_of(kNotes, of.number);
  if (!std::exchange(of.notes, true))
    packets_.track({.uuid = track, .parent = track_of(kGoroutine, of.number), .name = "regions and logs"});
  return track;
}

std::uint64_t PerfettoTrace::proc_track(std::uint32_t p) {
  const std::uint64_t track = track_of(kProc, p);
  if (p >= procs_.size()) procs_.resize(p + 1);
  if (procs_[p]) return track;
  procs_[p] = true;
  const std::uint64_t id = proc_id(p);
  packets_.track({.uuid = track,
                  .parent = kProcs,
                  .name = fmt::format("P{}", id),
                  .rank = static_cast<std::int64_t>(std::min<std::uint64_t>(id, INT32_MAX))});
  return track;
}

std::uint64_t PerfettoTrace::state_name(const TraceContext& context, const StateInterval& one) {
  using Name = Packets::Name;
  const auto text = [&] { return context.whole.symbols().text(one.reason); };
  switch (one.state) {
    case GoState::Running:
      return packets_.name(Name::Running, one.p, [&] {
        return one.p == 0 ? std::string("running") : fmt::format("running on P{}", proc_id(one.p));
      });
    case GoState::Runnable:
      if (one.reason)
        return packets_.name(Name::Preempted, one.reason.value, [&] { return fmt::format("runnable: {}", text()); });
      return packets_.name(Name::Fixed, kNameRunnable, [] { return "runnable"; });
    case GoState::Waiting:
      if (one.reason)
        return packets_.name(Name::Blocked, one.reason.value, [&] { return fmt::format("blocked: {}", text()); });
      return packets_.name(Name::Fixed, kNameBlocked, [] { return "blocked"; });
    case GoState::Syscall: return packets_.name(Name::Fixed, kNameSyscall, [] { return "in a system call"; });
    default: return packets_.name(Name::Fixed, kNameUnknown, [] { return "unknown"; });
  }
}

void PerfettoTrace::slice(Packets::Event event, std::int64_t end_ns) {
  packets_.event(event, study_.whole());
  packets_.event({.ns = end_ns, .kind = Packets::Kind::End, .track = event.track}, study_.whole());
}

void PerfettoTrace::one_interval(const TraceContext& context, const StateInterval& one) {
  if (one.state == GoState::Running && one.p != 0) on_proc(context, one);
  if (!is_chosen(context, one.g)) return;
  Row& of = row(context, one.g);
  // Of Runnable the stack is that of the waker: it stands at the wake-up.
  const bool own_stack = one.state == GoState::Waiting || one.state == GoState::Syscall || one.reason;
  slice({.ns = one.begin_ns,
         .track = track_of(kGoroutine, of.number),
         .name = state_name(context, one),
         .stack = own_stack ? one.stack : 0,
         .ends = std::exchange(of.arrow, 0)},
        one.end_ns);
  if (one.state == GoState::Running) of.label = {};
}

void PerfettoTrace::on_proc(const TraceContext& context, const StateInterval& one) {
  const std::uint64_t track = proc_track(one.p);
  const StringId label = one.g < rows_.size() ? rows_[one.g].label : StringId();
  if (label) {
    const std::string words = fmt::format("{} G{}", context.whole.symbols().text(label), context.lives[one.g].goid);
    return slice({.ns = one.begin_ns, .track = track, .words = words}, one.end_ns);
  }
  const std::uint64_t name =
      packets_.name(Packets::Name::Goroutine, context.lives[one.g].number, [&] { return name_of(context, one.g); });
  slice({.ns = one.begin_ns, .track = track, .name = name}, one.end_ns);
}

void PerfettoTrace::one_event(const TraceContext& context, const TraceEvent& event) {
  using enum TraceType;
  const auto counter = [&](std::uint64_t track) {
    const auto value = static_cast<std::int64_t>(std::min<std::uint64_t>(event.value, INT64_MAX));
    packets_.event({.ns = event.time_ns, .kind = Packets::Kind::Counter, .track = track, .value = value},
                   context.whole);
  };
  switch (event.type) {
    case HeapAlloc: return counter(kHeap);
    case HeapGoal:
      // Without a goal the runtime says that it is as far as numbers go.
      if (event.value < kNoGoal) counter(kGoal);
      return;
    case ProcsChange: return counter(kMaxProcs);
    case GoUnblock:
    case GoSwitch:
    case GoSwitchDestroy: return wake(context, event, false);
    case GoCreate:
    case GoCreateBlocked: return wake(context, event, true);
    case GcActive:
    case GcBegin:
    case GcEnd:
    case StwBegin:
    case StwEnd: return collector(event);
    case SweepActive:
    case SweepBegin:
    case SweepEnd: return sweep(context, event);
    case AssistActive:
    case AssistBegin:
    case AssistEnd: return assist(context, event);
    case RegionBegin:
    case RegionEnd: return region(context, event);
    case Log: return log(context, event);
    case TaskBegin:
    case TaskEnd: return task(context, event);
    case GoLabel:
      if (event.g < context.lives.size() && is_chosen(context, event.g))
        row(context, event.g).label = context.whole.text(event.value);
      return;
    case CpuSample:
      if (!is_chosen(context, event.g)) return;
      packets_.event({.ns = event.time_ns,
                      .kind = Packets::Kind::Instant,
                      .track = track_of(kGoroutine, row(context, event.g).number),
                      .name = packets_.name(Packets::Name::Fixed, kNameSample, [] { return "CPU sample"; }),
                      .stack = context.whole.stack(event.stack)},
                     context.whole);
      return;
    default: return;
  }
}

void PerfettoTrace::wake(const TraceContext& context, const TraceEvent& event, bool creates) {
  if (event.g == 0 || !is_chosen(context, event.subject) || !is_chosen(context, event.g)) return;
  const std::uint64_t flow = ++flows_;
  row(context, event.subject).arrow = flow;
  const auto kind = creates ? Packets::Name::Text : Packets::Name::Wakes;
  const StringId function = context.lives[event.subject].function;
  const std::uint64_t name =
      creates
          ? packets_.name(kind, function.value,
                          [&] { return fmt::format("go {}", function ? context.whole.symbols().text(function) : "?"); })
          : packets_.name(kind, context.lives[event.subject].number,
                          [&] { return "wakes " + name_of(context, event.subject); });
  packets_.event({.ns = event.time_ns,
                  .kind = Packets::Kind::Instant,
                  .track = track_of(kGoroutine, row(context, event.g).number),
                  .name = name,
                  .stack = context.whole.stack(event.stack),
                  .flow = flow},
                 context.whole);
}

void PerfettoTrace::collector(const TraceEvent& event) {
  const bool stop = event.type == TraceType::StwBegin || event.type == TraceType::StwEnd;
  const bool begins = event.type != TraceType::GcEnd && event.type != TraceType::StwEnd;
  bool& open = stop ? stopped_ : collecting_;
  // Said again at the head of each generation; a range of time may begin amidst.
  if (open == begins) return;
  open = begins;
  Packets::Event out{.ns = event.time_ns,
                     .kind = begins ? Packets::Kind::Begin : Packets::Kind::End,
                     .track = stop ? kStops : kCollector};
  if (begins && stop) {
    const StringId kind = study_.whole().text(event.value);
    out.name = packets_.name(Packets::Name::Stop, kind.value,
                             [&] { return fmt::format("stopped: {}", study_.whole().symbols().text(kind)); });
    out.stack = study_.whole().stack(event.stack);
  } else if (begins) {
    out.name = packets_.name(Packets::Name::Fixed, kNameMark, [] { return "concurrent mark"; });
  }
  packets_.event(out, study_.whole());
}

void PerfettoTrace::sweep(const TraceContext& context, const TraceEvent& event) {
  const std::uint32_t p = event.subject;
  if (p >= sweeps_.size()) sweeps_.resize(std::size_t{p} + 1);
  const bool begins = event.type != TraceType::SweepEnd;
  if (sweeps_[p] == begins) return;
  sweeps_[p] = begins;
  const std::uint64_t above = proc_track(p);
  const std::uint64_t track = track_of(kSweeps, p);
  // Described each time: sweeps are few, and a reader takes it for the same.
  if (begins) packets_.track({.uuid = track, .parent = above, .name = "sweep"});
  packets_.event({.ns = event.time_ns,
                  .kind = begins ? Packets::Kind::Begin : Packets::Kind::End,
                  .track = track,
                  .name = begins ? packets_.name(Packets::Name::Fixed, kNameSweep, [] { return "sweep"; }) : 0},
                 context.whole);
}

void PerfettoTrace::assist(const TraceContext& context, const TraceEvent& event) {
  if (!is_chosen(context, event.subject)) return;
  Row& of = row(context, event.subject);
  const bool begins = event.type != TraceType::AssistEnd;
  if (of.assisting == begins) return;
  of.assisting = begins;
  const std::uint64_t track = track_of(kAssists, of.number);
  if (!std::exchange(of.assists, true))
    packets_.track({.uuid = track, .parent = track_of(kGoroutine, of.number), .name = "mark assists"});
  packets_.event({.ns = event.time_ns,
                  .kind = begins ? Packets::Kind::Begin : Packets::Kind::End,
                  .track = track,
                  .name = begins ? packets_.name(Packets::Name::Fixed, kNameAssist, [] { return "mark assist"; }) : 0},
                 context.whole);
}

void PerfettoTrace::region(const TraceContext& context, const TraceEvent& event) {
  if (!is_chosen(context, event.g)) return;
  const std::uint64_t track = notes_track(context, event.g);
  Row& of = rows_[event.g];
  if (event.type == TraceType::RegionEnd) {
    // Of one that began before the range nothing is open.
    if (of.regions == 0) return;
    --of.regions;
    packets_.event({.ns = event.time_ns, .kind = Packets::Kind::End, .track = track}, context.whole);
    return;
  }
  ++of.regions;
  const StringId type = context.whole.text(event.other);
  packets_.event({.ns = event.time_ns,
                  .track = track,
                  .words = context.whole.symbols().text(type),
                  .stack = context.whole.stack(event.stack),
                  .task = event.value},
                 context.whole);
}

void PerfettoTrace::log(const TraceContext& context, const TraceEvent& event) {
  if (!is_chosen(context, event.g)) return;
  std::string words(context.tables->text(event.subject));
  if (!words.empty()) words += ": ";
  words += context.tables->text(event.other);
  packets_.event({.ns = event.time_ns,
                  .kind = Packets::Kind::Instant,
                  .track = notes_track(context, event.g),
                  .words = words.empty() ? std::string_view("log") : words,
                  .stack = context.whole.stack(event.stack),
                  .task = event.value},
                 context.whole);
}

void PerfettoTrace::task(const TraceContext& context, const TraceEvent& event) {
  if (event.type == TraceType::TaskEnd) {
    const auto open = tasks_.find(event.value);
    if (open == tasks_.end()) return;
    packets_.event({.ns = event.time_ns, .kind = Packets::Kind::End, .track = open->second}, context.whole);
    tasks_.erase(open);
    return;
  }
  const std::string_view type = context.tables->text(event.subject);
  const std::string_view words = type.empty() ? std::string_view("task") : type;
  const std::uint64_t track = track_of(kTask, ++tasks_seen_);
  tasks_[event.value] = track;
  // Tasks overlap, so each has a track; those of one name are drawn as one.
  packets_.track({.uuid = track, .parent = kTasks, .name = words});
  packets_.event({.ns = event.time_ns,
                  .track = track,
                  .words = words,
                  .stack = context.whole.stack(event.stack),
                  .task = event.value},
                 context.whole);
}

}  // namespace gopsy::render
