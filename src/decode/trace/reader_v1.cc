#include "decode/trace/reader_v1.h"

#include <algorithm>
#include <array>
#include <unordered_map>
#include <unordered_set>

#include "decode/trace/order.h"
#include "decode/trace/v1_check.h"
#include "decode/trace/v1_file.h"
#include "decode/trace/v1_order.h"

namespace gopsy::decode::trace {
namespace {

using model::GoState;
using model::kNoTask;
using model::ProcState;
using model::TraceEvent;
using model::TraceTables;
using model::TraceType;

// Of a trace that does not say: cputicks / 64 at 2.5 GHz.
constexpr std::uint64_t kGuessedTicks = 39'062'500;

// The Ps that the official reader makes up for what no P did.
constexpr std::uint64_t kTimerP = 1'000'001;
constexpr std::uint64_t kNetpollP = 1'000'002;
constexpr std::uint64_t kSyscallP = 1'000'003;
constexpr std::uint64_t kGcP = 1'000'004;

constexpr std::array<std::string_view, 17> kStops{"",
                                                  "GC mark termination",
                                                  "GC sweep termination",
                                                  "write heap dump",
                                                  "goroutine profile",
                                                  "goroutine profile cleanup",
                                                  "all goroutine stack trace",
                                                  "read mem stats",
                                                  "AllThreadsSyscall",
                                                  "GOMAXPROCS",
                                                  "start trace",
                                                  "stop trace",
                                                  "CountPagesInUse (test)",
                                                  "ReadMetricsSlow (test)",
                                                  "ReadMemStatsSlow (test)",
                                                  "PageCachePagesLeaked (test)",
                                                  "ResetDebugLog (test)"};

std::string_view reason_of(V1Type type) {
  using enum V1Type;
  switch (type) {
    case GoStop: return "forever";
    case GoSched: return "runtime.Gosched";
    case GoPreempt: return "preempted";
    case GoSleep: return "sleep";
    case GoBlockSend: return "chan send";
    case GoBlockRecv: return "chan receive";
    case GoBlockSelect: return "select";
    case GoBlockSync: return "sync";
    case GoBlockCond: return "sync.(*Cond).Wait";
    case GoBlockNet: return "network";
    case GoBlockGc: return "GC mark assist wait for work";
    default: return {};
  }
}

class Converter {
 public:
  Converter(V1File& file, model::TraceNames& names, IdTable& goroutines, Damage& damage, EventWriter& writer)
      : file_(file),
        goroutines_(goroutines),
        procs_(names.procs),
        threads_(names.threads),
        damage_(damage),
        writer_(writer) {
    for (std::size_t i = 0; i < kStops.size(); ++i) stops_[i] = file.extra_string(kStops[i]);
    for (std::uint8_t type = 0; type < reasons_.size(); ++type)
      reasons_[type] = file.extra_string(reason_of(static_cast<V1Type>(type)));
    for (const V1Proc& proc : file.procs())
      rows_.push_back(procs_.row(static_cast<std::uint64_t>(std::int64_t{proc.id})));
  }

  Result<void> convert(const std::vector<V1Event>& events) {
    if (events.empty()) {
      // Nothing but the end of it, at 0.
      writer_.start_at(-1);
      sync(-1, 1);
      return {};
    }
    const std::uint64_t ticks = file_.ticks_per_second() == 0 ? kGuessedTicks : file_.ticks_per_second();
    const double ns_per_tick = 1e9 / static_cast<double>(static_cast<std::int64_t>(ticks));
    const std::uint64_t start = events.front().ticks;
    writer_.start_at(-2);
    sync(-1, 1);
    for (const V1Event& event : events) {
      writer_.reserve();
      time_ns_ = truncated(static_cast<double>(static_cast<std::int64_t>(event.ticks - start)) * ns_per_tick);
      const std::size_t before = writer_.used();
      if (auto done = one(event); !done) return done;
      if (event.forced) writer_.mark(std::min(before, writer_.used()), TraceEvent::kForced);
    }
    writer_.reserve();
    sync(writer_.last_ns(), 2);
    return {};
  }

  [[nodiscard]] std::uint64_t goroutines() const { return seen_; }

 private:
  void sync(std::int64_t time_ns, std::uint64_t number) { writer_.add(time_ns, TraceType::Sync).value = number; }

  // A new event in the context of `event`.
  TraceEvent& emit(const V1Event& event, TraceType type) {
    TraceEvent& out = writer_.add(time_ns_, type);
    out.g = event.g;
    out.p = p_;
    out.m = m_;
    return out;
  }

  static void set(TraceEvent& event, std::uint32_t subject, GoState from, GoState to) {
    event.subject = subject;
    event.from = static_cast<std::uint8_t>(from);
    event.to = static_cast<std::uint8_t>(to);
  }

  void place(const V1Event& event) {
    switch (event.place) {
      case V1Event::kTimer: p_ = procs_.row(kTimerP); break;
      case V1Event::kNetpoll: p_ = procs_.row(kNetpollP); break;
      case V1Event::kSyscall: p_ = procs_.row(kSyscallP); break;
      case V1Event::kGc: p_ = procs_.row(kGcP); break;
      default: p_ = rows_[event.proc]; break;
    }
    m_ = p_ < thread_of_.size() && p_ != 0 ? thread_of_[p_] : 0;
  }

  std::uint32_t string_row(std::uint64_t id) {
    const std::uint32_t row = file_.string_row(id);
    if (row != RowIndex::kMissing) return row;
    ++damage_.report().lost_strings;
    return TraceTables::kLost;
  }

  std::uint32_t stack_row(std::uint64_t id) {
    const std::uint32_t row = file_.stack_row(id);
    if (row != 0 || id == 0 || !damage_.lenient()) return row;
    ++damage_.report().lost_stacks;
    return TraceTables::kLost;
  }

  std::uint32_t goroutine_row(std::uint64_t id) { return goroutines_.row(id); }

  Result<void> one(const V1Event& event);
  void processors(const V1Event& event, const V1Record& record);
  bool goroutine(const V1Event& event, const V1Record& record);
  bool annotation(const V1Event& event, const V1Record& record);
  bool collection(const V1Event& event, const V1Record& record);
  void system_call(const V1Event& event, const V1Record& record);
  void sample(const V1Event& event);
  void found(const V1Event& event, std::uint64_t id, GoState state);
  void end_of_start();

  V1File& file_;
  IdTable& goroutines_;
  IdTable procs_;
  IdTable threads_;
  Damage& damage_;
  EventWriter& writer_;
  std::array<std::uint32_t, kStops.size()> stops_{};
  std::array<std::uint32_t, 64> reasons_{};
  std::vector<std::uint32_t> rows_;  // of Ps, by row of V1File::procs
  std::vector<std::uint32_t> thread_of_;
  std::unordered_set<std::uint32_t> seen_procs_;
  std::vector<std::uint64_t> created_;  // before tracing began, in order
  std::unordered_set<std::uint64_t> told_;
  struct Task {
    std::uint32_t name;
    std::uint64_t parent;
  };
  std::unordered_map<std::uint64_t, Task> tasks_;
  bool starting_ = true;
  std::uint32_t last_stop_ = 0;
  std::uint64_t seen_ = 0;
  std::int64_t time_ns_ = 0;
  std::uint32_t p_ = 0;
  std::uint32_t m_ = 0;
};

Result<void> Converter::one(const V1Event& event) {
  if (event.type == V1Type::CpuSample) {
    sample(event);
    return {};
  }
  const char* at = file_.bytes().data() + event.at;
  const V1Record record = reread_v1_record(at, file_.bytes().data() + file_.bytes().size());
  place(event);
  if (event.type == V1Type::ProcStart || event.type == V1Type::ProcStop) {
    processors(event, record);
    return {};
  }
  if (goroutine(event, record) || annotation(event, record) || collection(event, record)) return {};
  if (damage_.lenient()) return {};
  return std::unexpected(Error{.code = Errc::Malformed,
                               .offset = file_.offset() + event.at,
                               .what = "unexpected event type {}",
                               .a = static_cast<std::uint64_t>(event.type)});
}

void Converter::sample(const V1Event& event) {
  const V1Sample& taken = file_.samples()[event.at];
  p_ = procs_.row(static_cast<std::uint64_t>(std::int64_t{taken.p}));
  m_ = 0;
  emit(event, TraceType::CpuSample).stack = stack_row(taken.stack);
  ++damage_.report().samples;
}

void Converter::processors(const V1Event& event, const V1Record& record) {
  const bool starts = event.type == V1Type::ProcStart;
  if (starts) {
    if (p_ >= thread_of_.size()) thread_of_.resize(p_ + 1);
    thread_of_[p_] = threads_.row(record.args[1]);
    place(event);
  }
  const bool is_first = seen_procs_.insert(p_).second;
  TraceEvent& out = emit(event, is_first ? TraceType::ProcStatus : starts ? TraceType::ProcStart : TraceType::ProcStop);
  const ProcState to = starts ? ProcState::Running : ProcState::Idle;
  const ProcState from = is_first ? ProcState::Undetermined : starts ? ProcState::Idle : ProcState::Running;
  out.subject = p_;
  out.from = static_cast<std::uint8_t>(from);
  out.to = static_cast<std::uint8_t>(to);
  if (!starts && p_ < thread_of_.size()) thread_of_[p_] = 0;
}

void Converter::found(const V1Event& event, std::uint64_t id, GoState state) {
  ++seen_;
  told_.insert(id);
  set(emit(event, TraceType::GoStatus), goroutine_row(id), GoState::Undetermined, state);
}

// All that were there when tracing began have been named: those without another word are runnable.
void Converter::end_of_start() {
  starting_ = false;
  for (const std::uint64_t id : created_) {
    if (told_.contains(id)) continue;
    ++seen_;
    writer_.reserve();
    TraceEvent& out = writer_.add(time_ns_, TraceType::GoStatus);
    set(out, goroutine_row(id), GoState::Undetermined, GoState::Runnable);
  }
  created_ = {};
  told_ = {};
}

bool Converter::goroutine(const V1Event& event, const V1Record& record) {
  using enum V1Type;
  const std::uint64_t subject = record.args[1];
  const bool yields = event.type == GoSched || event.type == GoPreempt;
  if (yields || event.type == GoStop || v1_parks(event.type)) {
    TraceEvent& out = emit(event, yields ? TraceType::GoStop : TraceType::GoBlock);
    set(out, event.g, GoState::Running, yields ? GoState::Runnable : GoState::Waiting);
    out.value = reasons_[static_cast<std::size_t>(event.type)];
    out.stack = stack_row(subject);
    return true;
  }
  switch (event.type) {
    case GoCreate: {
      if (starting_) {
        created_.push_back(subject);
        return true;
      }
      ++seen_;
      TraceEvent& out = emit(event, TraceType::GoCreate);
      set(out, goroutine_row(subject), GoState::NotExist, GoState::Runnable);
      out.other = stack_row(record.args[2]);
      out.stack = stack_row(record.args[3]);
      return true;
    }
    case GoStart:
      if (starting_) {
        found(event, subject, GoState::Running);
      } else {
        set(emit(event, TraceType::GoStart), event.g, GoState::Runnable, GoState::Running);
      }
      return true;
    case GoStartLabel:
      set(emit(event, TraceType::GoStart), event.g, GoState::Runnable, GoState::Running);
      emit(event, TraceType::GoLabel).value = string_row(record.args[3]);
      return true;
    case GoEnd: set(emit(event, TraceType::GoDestroy), event.g, GoState::Running, GoState::NotExist); return true;
    case GoUnblock:
    case GoUnblockLocal: {
      TraceEvent& out = emit(event, TraceType::GoUnblock);
      set(out, goroutine_row(subject), GoState::Waiting, GoState::Runnable);
      out.stack = stack_row(record.args[record.type == GoUnblock ? 3 : 2]);
      return true;
    }
    case GoSysCall: system_call(event, record); return true;
    case GoSysExit:
      set(emit(event, TraceType::GoSyscallEndBlocked), event.g, GoState::Syscall, GoState::Runnable);
      return true;
    case GoSysBlock: return true;
    case GoWaiting: found(event, subject, GoState::Waiting); return true;
    case GoInSyscall: found(event, subject, GoState::Syscall); return true;
    default: return false;
  }
}

// Where the P was not taken away, v1 says only that there was a call.
void Converter::system_call(const V1Event& event, const V1Record& record) {
  TraceEvent& begin = emit(event, TraceType::GoSyscallBegin);
  set(begin, event.g, GoState::Running, GoState::Syscall);
  begin.stack = stack_row(record.args[1]);
  if (event.blocks) return;
  // The official conversion says thread 0 here where none is known.
  if (m_ == 0) begin.m = m_ = threads_.row(0);
  if (time_ns_ != INT64_MAX) ++time_ns_;
  set(emit(event, TraceType::GoSyscallEnd), event.g, GoState::Syscall, GoState::Running);
}

bool Converter::annotation(const V1Event& event, const V1Record& record) {
  using enum V1Type;
  switch (event.type) {
    case Gomaxprocs: {
      if (starting_) {
        end_of_start();
        return true;
      }
      TraceEvent& out = emit(event, TraceType::ProcsChange);
      out.value = record.args[1];
      out.stack = stack_row(record.args[2]);
      return true;
    }
    case HeapAlloc: emit(event, TraceType::HeapAlloc).value = record.args[1]; return true;
    case HeapGoal: emit(event, TraceType::HeapGoal).value = record.args[1]; return true;
    case TaskCreate: {
      TraceEvent& out = emit(event, TraceType::TaskBegin);
      out.value = record.args[1];
      out.other = record.args[2] == 0 ? kNoTask : record.args[2];
      out.subject = string_row(record.args[3]);
      out.stack = stack_row(record.args[4]);
      tasks_[record.args[1]] = {.name = out.subject, .parent = record.args[2]};
      return true;
    }
    case V1Type::TaskEnd: {
      TraceEvent& out = emit(event, TraceType::TaskEnd);
      out.value = record.args[1];
      out.other = kNoTask;
      out.stack = stack_row(record.args[2]);
      if (const auto task = tasks_.find(record.args[1]); task != tasks_.end()) {
        out.other = task->second.parent;
        out.subject = task->second.name;
        tasks_.erase(task);
      }
      return true;
    }
    case Region: {
      TraceEvent& out = emit(event, record.args[2] == 0 ? TraceType::RegionBegin : TraceType::RegionEnd);
      out.value = record.args[1];
      out.other = string_row(record.args[3]);
      out.stack = stack_row(record.args[4]);
      return true;
    }
    case V1Type::Log: {
      TraceEvent& out = emit(event, TraceType::Log);
      out.value = record.args[1];
      out.subject = string_row(record.args[2]);
      out.other = file_.extra_string(record.text);
      out.stack = stack_row(record.args[3]);
      return true;
    }
    default: return false;
  }
}

bool Converter::collection(const V1Event& event, const V1Record& record) {
  using enum V1Type;
  switch (event.type) {
    case GcStart: emit(event, TraceType::GcBegin).stack = stack_row(record.args[2]); return true;
    case GcDone: emit(event, TraceType::GcEnd); return true;
    case StwStart: {
      std::uint64_t kind = record.args[1];
      // Before Go 1.21 there were two, and they were counted from 0.
      if (file_.format() < 21) kind = kind <= 1 ? kind + 1 : 0;
      last_stop_ = kind < stops_.size() ? stops_[kind] : 0;
      TraceEvent& out = emit(event, TraceType::StwBegin);
      out.value = last_stop_;
      out.subject = event.g;
      return true;
    }
    case StwDone: {
      TraceEvent& out = emit(event, TraceType::StwEnd);
      out.value = last_stop_;
      out.subject = event.g;
      return true;
    }
    case SweepStart: {
      TraceEvent& out = emit(event, TraceType::SweepBegin);
      out.subject = p_;
      out.stack = stack_row(record.args[1]);
      return true;
    }
    case SweepDone: {
      TraceEvent& out = emit(event, TraceType::SweepEnd);
      out.subject = p_;
      out.value = record.args[1];
      out.other = record.args[2];
      return true;
    }
    case AssistStart: {
      TraceEvent& out = emit(event, TraceType::AssistBegin);
      out.subject = event.g;
      out.stack = stack_row(record.args[1]);
      return true;
    }
    case AssistDone: emit(event, TraceType::AssistEnd).subject = event.g; return true;
    default: return false;
  }
}

}  // namespace

Result<void> read_v1(unsigned format, PageSource& pages, const ReadOptions& options, model::TraceSink& sink,
                     model::TraceReport& report) {
  // Buffers from a memory are many pages; one of a file is the whole of it.
  const auto first = pages.next();
  std::string gathered;
  std::string_view bytes = first ? first->bytes : std::string_view();
  while (const auto page = pages.next()) {
    if (gathered.empty()) gathered = bytes;
    gathered += page->bytes;
    bytes = gathered;
  }
  Damage damage(report, options.salvage);
  V1File file(bytes, first ? first->offset : 0, format);
  if (auto done = file.scan(damage); !done) return done;
  if (file.ticks_per_second() == 0) {
    const Error missing{.code = Errc::Truncated, .what = "no EvFrequency event"};
    if (!damage.lenient()) return std::unexpected(missing);
    report.unfinished = report.guessed_clock = true;
  }
  model::TraceNames names;
  IdTable goroutines(names.goroutines);
  auto events = order_v1(file, goroutines, damage);
  if (!events) return std::unexpected(events.error());
  if (auto done = check_v1(file, *events, goroutines, damage); !done) return done;
  pages.release(bytes);

  EventWriter writer(sink);
  Converter converter(file, names, goroutines, damage, writer);
  sink.generation(file.tables(), names);
  auto done = converter.convert(*events);
  writer.flush();
  report.generations = 1;
  report.events = writer.written();
  report.last_ns = writer.last_ns();
  report.goroutines = converter.goroutines();
  return done;
}

}  // namespace gopsy::decode::trace
