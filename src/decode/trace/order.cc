#include "decode/trace/order.h"

#include <algorithm>

#include "decode/trace/format.h"

namespace gopsy::decode::trace {
namespace {

using model::GoState;
using model::ProcState;
using model::TraceEvent;
using model::TraceTables;
using model::TraceType;

// What GoStatus and ProcStatus call the states.
enum GoStatus : std::uint8_t { kGoBad, kGoRunnable, kGoRunning, kGoSyscall, kGoWaiting };
enum ProcStatus : std::uint8_t { kProcBad, kProcRunning, kProcIdle, kProcSyscall, kProcAbandoned };
constexpr std::uint8_t kStatuses = 5;

constexpr std::array<GoState, kStatuses> kGoStates{GoState::Undetermined, GoState::Runnable, GoState::Running,
                                                   GoState::Syscall, GoState::Waiting};
constexpr std::array<ProcState, kStatuses> kProcStates{ProcState::Undetermined, ProcState::Running, ProcState::Idle,
                                                       ProcState::Running, ProcState::Idle};

void transition(TraceEvent& event, std::uint32_t subject, GoState from, GoState to) {
  event.subject = subject;
  event.from = static_cast<std::uint8_t>(from);
  event.to = static_cast<std::uint8_t>(to);
}

void transition(TraceEvent& event, std::uint32_t subject, ProcState from, ProcState to) {
  event.subject = subject;
  event.from = static_cast<std::uint8_t>(from);
  event.to = static_cast<std::uint8_t>(to);
}

}  // namespace

Ordering::Ordering(EventWriter& writer, Damage& damage)
    : writer_(writer),
      damage_(damage),
      goroutine_ids_(names_.goroutines),
      proc_ids_(names_.procs),
      thread_ids_(names_.threads),
      goroutines_(1),
      procs_(1),
      threads_(1) {}

void Ordering::begin(Generation& generation) {
  tables_ = &generation;
  generation_ = generation.number();
}

void Ordering::end() {
  first_ = false;
  // Rows that nobody lives in are worth collecting once they are the greater part.
  std::uint64_t absent = 0;
  for (const Goroutine& g : goroutines_) absent += g.status == kAbsent ? 1 : 0;
  if (absent < 4096 || absent * 2 < goroutines_.size()) return;
  goroutine_ids_.forget([this](std::uint32_t row) { return goroutines_[row].status == kAbsent; });
}

void Ordering::restart() {
  first_ = true;
  for (Goroutine& g : goroutines_) g = {};
  for (Proc& p : procs_) p = {};
  for (Thread& thread : threads_) thread = {};
  regions_.clear();
  stw_.clear();
  tasks_.clear();
  gc_ = Gc::Undetermined;
}

std::uint32_t Ordering::goroutine_row(std::uint64_t id) {
  const std::uint32_t row = goroutine_ids_.row(id);
  if (row >= goroutines_.size()) goroutines_.resize(row + 1);
  return row;
}

std::uint32_t Ordering::proc_row(std::uint64_t id) {
  const std::uint32_t row = proc_ids_.row(id);
  if (row >= procs_.size()) procs_.resize(row + 1);
  return row;
}

std::uint32_t Ordering::thread_row(std::uint64_t id) {
  const std::uint32_t row = thread_ids_.row(id);
  if (row >= threads_.size()) threads_.resize(row + 1);
  return row;
}

bool Ordering::tolerate(const char* what, std::uint64_t a, std::uint64_t b) {
  if (damage_.lenient()) {
    forced_ = true;
    return true;
  }
  error_ = {.code = Errc::Malformed, .what = what, .a = a, .b = b};
  return false;
}

bool Ordering::fits(const Context& context, Need p, Need g) {
  if (context.m == 0 && !tolerate("expected a thread but didn't have one")) return false;
  if (p == Need::Must && context.p == 0 && !tolerate("expected a proc but didn't have one")) return false;
  if (p == Need::Not && context.p != 0 && !tolerate("expected no proc but had one")) return false;
  if (g == Need::Must && context.g == 0 && !tolerate("expected a goroutine but didn't have one")) return false;
  return g != Need::Not || context.g == 0 || tolerate("expected no goroutine but had one");
}

TraceEvent& Ordering::emit(const PendingEvent& event, const Context& context) {
  TraceEvent& out = writer_.add(event.time_ns, event.type);
  out.g = context.g;
  out.p = context.p;
  out.m = context.m;
  return out;
}

std::uint32_t Ordering::stack_row(std::uint64_t id) {
  const std::uint32_t row = tables_->stack_row(id);
  if (row != RowIndex::kMissing) [[likely]]
    return row;
  if (damage_.lenient()) {
    ++damage_.report().lost_stacks;
    return TraceTables::kLost;
  }
  error_ = {.code = Errc::Malformed, .what = "found invalid stack ID {}", .a = id};
  return RowIndex::kMissing;
}

std::uint32_t Ordering::string_row(std::uint64_t id) {
  const std::uint32_t row = tables_->string_row(id);
  if (row != RowIndex::kMissing) [[likely]]
    return row;
  if (damage_.lenient()) {
    ++damage_.report().lost_strings;
    return TraceTables::kLost;
  }
  error_ = {.code = Errc::Malformed, .what = "found invalid string ID {}", .a = id};
  return RowIndex::kMissing;
}

bool Ordering::set_stack(TraceEvent& event, std::uint64_t id) {
  event.stack = stack_row(id);
  return event.stack != RowIndex::kMissing;
}

Ordering::Step Ordering::advance(PendingEvent& event, std::uint32_t thread, bool force) {
  writer_.reserve();
  const std::size_t before = writer_.used();
  threads_[thread].seen = thread != 0;
  const Context context{.g = threads_[thread].g, .p = threads_[thread].p, .m = thread};
  Context next = context;
  forced_ = force;
  const Step step = dispatch(event, context, next, force);
  if (step == Step::Advanced) [[likely]] {
    if (thread != 0) {
      threads_[thread].g = next.g;
      threads_[thread].p = next.p;
    }
    if (forced_) [[unlikely]] {
      ++damage_.report().forced;
      writer_.mark(before, TraceEvent::kForced);
    }
  } else if (step == Step::Failed) {
    writer_.rewind(before);
  }
  return step;
}

Ordering::Step Ordering::dispatch(PendingEvent& event, Context context, Context& next, bool force) {
  using enum TraceType;
  switch (event.type) {
    case GoStart: return go_start(event, context, next, force);
    case GoUnblock: return go_unblock(event, context, force);
    case GoBlock:
    case GoStop:
    case GoDestroy: return go_stop(event, context, next);
    case GoSyscallBegin: return syscall_begin(event, context);
    case GoSyscallEnd: return syscall_end(event, context);
    case GoSyscallEndBlocked: return syscall_end_blocked(event, context, next, force);
    case GoCreate:
    case GoCreateBlocked: return go_create(event, context);
    case GoStatus:
    case GoStatusStack: return go_status(event, context, next);
    case GoSwitch:
    case GoSwitchDestroy: return go_switch(event, context, next, force);
    case GoCreateSyscall: return create_syscall(event, context, next);
    case GoDestroySyscall: return destroy_syscall(event, context, next);
    case ProcStart: return proc_start(event, context, next, force);
    case ProcStop: return proc_stop(event, context, next);
    case ProcSteal: return proc_steal(event, context, next, force);
    case ProcStatus: return proc_status(event, context, next);
    case HeapAlloc:
    case HeapGoal:
    case ProcsChange:
    case GoLabel:
    case Log: return annotation(event, context);
    case GcActive:
    case GcBegin:
    case GcEnd: return gc(event, context, force);
    case SweepActive:
    case SweepBegin:
    case SweepEnd: return sweep(event, context);
    case AssistActive:
    case AssistBegin:
    case AssistEnd: return assist(event, context);
    case StwBegin:
    case StwEnd: return stw(event, context);
    case TaskBegin: return task_begin(event, context);
    case TaskEnd: return task_end(event, context);
    case RegionBegin:
    case RegionEnd: return region(event, context);
    default: break;
  }
  if (event.type >= Span && event.type <= GoroutineStackFree) return experimental(event, context);
  // A ClockSnapshot among the events of a thread: it has no place in the order.
  tolerate("bad event type found while ordering: {}", static_cast<std::uint64_t>(event.type));
  return damage_.lenient() ? Step::Advanced : Step::Failed;
}

Ordering::Step Ordering::proc_status(const PendingEvent& event, Context context, Context& next) {
  const std::uint32_t p = proc_row(event.args[0]);
  auto status = static_cast<std::uint8_t>(event.args[1]);
  if (status >= kStatuses) {
    if (!tolerate("invalid status for proc {}: {}", event.args[0], status)) return Step::Failed;
    status = kProcIdle;
  }
  Proc& proc = procs_[p];
  ProcState from = kProcStates[status];
  std::uint8_t shown = status;
  bool promoted = false;
  if (proc.status == kAbsent) {
    proc.status = status;
    from = first_ ? ProcState::Undetermined : ProcState::NotExist;
  } else if (status == kProcAbandoned && proc.status == kProcSyscall) {
    // Nothing was lost after all: it is still in its system call, and about to be stolen from it.
    from = ProcState::Running;
    shown = kProcSyscall;
    promoted = true;
  } else if (status == kProcAbandoned && proc.status == kProcAbandoned) {
    from = ProcState::Idle;
  } else if (proc.status != status) {
    from = kProcStates[proc.status];
    if (!tolerate("inconsistent status for proc {}: {}", event.args[0], status)) return Step::Failed;
    proc.status = status;
  }
  proc.sequence = {.generation = generation_, .number = 0};
  if (status == kProcRunning || status == kProcSyscall) next.p = p;
  if (promoted) {
    // It is told by whoever steals it, and belongs to the thread that holds it.
    const auto holder = std::ranges::find(threads_, p, &Thread::p);
    if (holder != threads_.end()) {
      context = {.g = holder->g, .p = p, .m = static_cast<std::uint32_t>(holder - threads_.begin())};
    } else if (!tolerate("failed to find sched context for proc {} that's about to be stolen", event.args[0])) {
      return Step::Failed;
    }
  }
  transition(emit(event, context), p, from, kProcStates[shown]);
  return Step::Advanced;
}

Ordering::Step Ordering::proc_start(const PendingEvent& event, const Context& context, Context& next, bool force) {
  const std::uint32_t p = proc_row(event.args[0]);
  Proc& proc = procs_[p];
  if (proc.status != kProcIdle || !succeeds(proc.sequence, event.args[1]) || context.p != 0) {
    if (!force) return Step::Later;
  }
  if (!fits(context, Need::Not, Need::May)) return Step::Failed;
  proc.status = kProcRunning;
  proc.sequence = {.generation = generation_, .number = event.args[1]};
  next.p = p;
  transition(emit(event, context), p, ProcState::Idle, ProcState::Running);
  return Step::Advanced;
}

Ordering::Step Ordering::proc_stop(const PendingEvent& event, const Context& context, Context& next) {
  Proc& proc = procs_[context.p];
  if (proc.status == kAbsent) {
    if (!tolerate("event ProcStop for proc ({}) that doesn't exist", names_.procs[context.p])) return Step::Failed;
  } else if (proc.status != kProcRunning && proc.status != kProcSyscall) {
    if (!tolerate("ProcStop event for proc that's not Running or Syscall")) return Step::Failed;
  }
  if (!fits(context, Need::Must, Need::May)) return Step::Failed;
  if (context.p != 0) proc.status = kProcIdle;
  next.p = 0;
  transition(emit(event, context), context.p, ProcState::Running, ProcState::Idle);
  return Step::Advanced;
}

Ordering::Step Ordering::proc_steal(const PendingEvent& event, const Context& context, Context& next, bool force) {
  const std::uint32_t p = proc_row(event.args[0]);
  Proc& proc = procs_[p];
  if ((proc.status != kProcSyscall && proc.status != kProcAbandoned) || !succeeds(proc.sequence, event.args[1])) {
    if (!force) return Step::Later;
  }
  if (!fits(context, Need::May, Need::May)) return Step::Failed;
  const bool abandoned = proc.status == kProcAbandoned;
  proc.status = kProcIdle;
  proc.sequence = {.generation = generation_, .number = event.args[1]};
  // The thread of an abandoned P may long have moved on.
  if (!abandoned) {
    const std::uint32_t victim = thread_row(event.args[2]);
    if (victim == context.m) {
      if (context.p != p &&
          !tolerate("tried to self-steal proc {}, but got proc {} instead", event.args[0], names_.procs[context.p]))
        return Step::Failed;
      if (context.p == p) next.p = 0;
    } else {
      if (!threads_[victim].seen && !tolerate("stole proc from non-existent thread {}", event.args[2]))
        return Step::Failed;
      if (threads_[victim].p != p &&
          !tolerate("tried to steal proc {} from thread {}, but got another", event.args[0], event.args[2]))
        return Step::Failed;
      if (threads_[victim].p == p) threads_[victim].p = 0;
    }
  }
  transition(emit(event, context), p, abandoned ? ProcState::Idle : ProcState::Running, ProcState::Idle);
  return Step::Advanced;
}

Ordering::Step Ordering::go_status(const PendingEvent& event, Context context, Context& next) {
  const std::uint32_t g = goroutine_row(event.args[0]);
  auto status = static_cast<std::uint8_t>(event.args[2]);
  if (status >= kStatuses) {
    if (!tolerate("invalid status for goroutine {}: {}", event.args[0], status)) return Step::Failed;
    status = kGoWaiting;
  }
  Goroutine& goroutine = goroutines_[g];
  GoState from = kGoStates[status];
  if (goroutine.status == kAbsent) {
    if (!first_ && !tolerate("found goroutine status for new goroutine after the first generation: id={} status={}",
                             event.args[0], status))
      return Step::Failed;
    goroutine.status = status;
    from = GoState::Undetermined;
    ++goroutines_seen_;
  } else if (goroutine.status != status) {
    from = kGoStates[goroutine.status];
    if (!tolerate("inconsistent status for goroutine {}: {}", event.args[0], status)) return Step::Failed;
    goroutine.status = status;
  }
  goroutine.sequence = {.generation = generation_, .number = 0};
  if (status == kGoRunning) {
    next.g = g;
  } else if (status == kGoSyscall) {
    if (event.args[1] == kNoThread) {
      if (!tolerate("found goroutine {} in syscall without a thread", event.args[0])) return Step::Failed;
    } else if (const std::uint32_t m = thread_row(event.args[1]); m == context.m) {
      if (!first_ && context.g != g &&
          !tolerate("inconsistent thread for syscalling goroutine {}: thread has goroutine {}", event.args[0],
                    names_.goroutines[context.g]))
        return Step::Failed;
      next.g = g;
    } else {
      // It sat in its system call on another thread for all of the generation.
      Thread& thread = threads_[m];
      if (thread.seen) {
        if (thread.g != g && !tolerate("inconsistent thread for syscalling goroutine {}: thread has goroutine {}",
                                       event.args[0], names_.goroutines[thread.g]))
          return Step::Failed;
        context.g = thread.g;
      } else {
        thread = {.g = g, .p = 0, .seen = true};
      }
      context.m = m;
    }
  }
  TraceEvent& out = emit(event, context);
  transition(out, g, from, kGoStates[status]);
  if (event.type == TraceType::GoStatusStack && !set_stack(out, event.args[3])) return Step::Failed;
  return Step::Advanced;
}

Ordering::Step Ordering::go_create(const PendingEvent& event, const Context& context) {
  if (!fits(context, Need::Must, Need::May)) return Step::Failed;
  const std::uint8_t creator = goroutines_[context.g].status;
  if (creator != kAbsent && creator != kGoRunning && !tolerate("GoCreate event for goroutine that's not Running"))
    return Step::Failed;
  const std::uint32_t g = goroutine_row(event.args[0]);
  Goroutine& goroutine = goroutines_[g];
  if (goroutine.status != kAbsent) {
    if (!tolerate("tried to create goroutine ({}) that already exists", event.args[0])) return Step::Failed;
    destroy(g);
  }
  ++goroutines_seen_;
  const bool blocked = event.type == TraceType::GoCreateBlocked;
  goroutine.status = blocked ? kGoWaiting : kGoRunnable;
  goroutine.sequence = {.generation = generation_, .number = 0};
  TraceEvent& out = emit(event, context);
  transition(out, g, GoState::NotExist, blocked ? GoState::Waiting : GoState::Runnable);
  out.other = stack_row(event.args[1]);
  return set_stack(out, event.args[2]) && out.other != RowIndex::kMissing ? Step::Advanced : Step::Failed;
}

Ordering::Step Ordering::go_stop(const PendingEvent& event, const Context& context, Context& next) {
  if (!fits(context, Need::Must, Need::Must)) return Step::Failed;
  Goroutine& goroutine = goroutines_[context.g];
  if (goroutine.status != kGoRunning) {
    if (!tolerate("event for goroutine ({}) that's not Running", names_.goroutines[context.g])) return Step::Failed;
  }
  next.g = 0;
  TraceEvent& out = emit(event, context);
  if (event.type == TraceType::GoDestroy) {
    transition(out, context.g, GoState::Running, GoState::NotExist);
    destroy(context.g);
    return Step::Advanced;
  }
  const bool blocks = event.type == TraceType::GoBlock;
  transition(out, context.g, GoState::Running, blocks ? GoState::Waiting : GoState::Runnable);
  if (context.g != 0) goroutine.status = blocks ? kGoWaiting : kGoRunnable;
  if (!set_stack(out, event.args[1])) return Step::Failed;
  const std::uint32_t reason = string_row(event.args[0]);
  out.value = reason;
  return reason != RowIndex::kMissing ? Step::Advanced : Step::Failed;
}

Ordering::Step Ordering::go_start(const PendingEvent& event, const Context& context, Context& next, bool force) {
  const std::uint32_t g = goroutine_row(event.args[0]);
  Goroutine& goroutine = goroutines_[g];
  if (goroutine.status != kGoRunnable || !succeeds(goroutine.sequence, event.args[1])) {
    if (!force) return Step::Later;
    if (goroutine.status == kAbsent) ++goroutines_seen_;
  }
  if (!fits(context, Need::Must, Need::Not)) return Step::Failed;
  goroutine.status = kGoRunning;
  goroutine.sequence = {.generation = generation_, .number = event.args[1]};
  next.g = g;
  transition(emit(event, context), g, GoState::Runnable, GoState::Running);
  return Step::Advanced;
}

Ordering::Step Ordering::go_unblock(const PendingEvent& event, const Context& context, bool force) {
  const std::uint32_t g = goroutine_row(event.args[0]);
  Goroutine& goroutine = goroutines_[g];
  if (goroutine.status != kGoWaiting || !succeeds(goroutine.sequence, event.args[1])) {
    if (!force) return Step::Later;
    if (goroutine.status == kAbsent) ++goroutines_seen_;
  }
  goroutine.status = kGoRunnable;
  goroutine.sequence = {.generation = generation_, .number = event.args[1]};
  TraceEvent& out = emit(event, context);
  transition(out, g, GoState::Waiting, GoState::Runnable);
  return set_stack(out, event.args[2]) ? Step::Advanced : Step::Failed;
}

Ordering::Step Ordering::go_switch(const PendingEvent& event, const Context& context, Context& next, bool force) {
  if (!fits(context, Need::Must, Need::Must)) return Step::Failed;
  if (goroutines_[context.g].status != kGoRunning &&
      !tolerate("GoSwitch event for goroutine ({}) that's not Running", names_.goroutines[context.g]))
    return Step::Failed;
  const std::uint32_t g = goroutine_row(event.args[0]);
  if (goroutines_[g].status != kGoWaiting || !succeeds(goroutines_[g].sequence, event.args[1])) {
    if (!force) return Step::Later;
    if (goroutines_[g].status == kAbsent) ++goroutines_seen_;
  }
  // Three in one: the next goroutine is woken, this one blocks or ends, the next one runs.
  transition(emit(event, context), g, GoState::Waiting, GoState::Runnable);
  PendingEvent leaves = event;
  const bool ends = event.type == TraceType::GoSwitchDestroy;
  leaves.type = ends ? TraceType::GoDestroy : TraceType::GoBlock;
  transition(emit(leaves, context), context.g, GoState::Running, ends ? GoState::NotExist : GoState::Waiting);
  if (ends) {
    destroy(context.g);
  } else if (context.g != 0) {
    goroutines_[context.g].status = kGoWaiting;
  }
  goroutines_[g].status = kGoRunning;
  goroutines_[g].sequence = {.generation = generation_, .number = event.args[1]};
  PendingEvent starts = event;
  starts.type = TraceType::GoStart;
  transition(emit(starts, {.g = 0, .p = context.p, .m = context.m}), g, GoState::Runnable, GoState::Running);
  next.g = g;
  return Step::Advanced;
}

Ordering::Step Ordering::syscall_begin(const PendingEvent& event, const Context& context) {
  if (!fits(context, Need::Must, Need::Must)) return Step::Failed;
  Goroutine& goroutine = goroutines_[context.g];
  if (goroutine.status != kGoRunning &&
      !tolerate("GoSyscallBegin event for goroutine ({}) that's not Running", names_.goroutines[context.g]))
    return Step::Failed;
  Proc& proc = procs_[context.p];
  if (proc.status == kAbsent && !tolerate("uninitialized proc {} found during GoSyscallBegin", names_.procs[context.p]))
    return Step::Failed;
  // The number only tells which system call a P is stolen from, so a running P has to have it right.
  if (!succeeds(proc.sequence, event.args[0]) &&
      !tolerate("failed to advance GoSyscallBegin: can't make sequence: {} -> {}", proc.sequence.number, event.args[0]))
    return Step::Failed;
  if (context.g != 0) goroutine.status = kGoSyscall;
  if (context.p != 0) {
    proc.status = kProcSyscall;
    proc.sequence = {.generation = generation_, .number = event.args[0]};
  }
  TraceEvent& out = emit(event, context);
  transition(out, context.g, GoState::Running, GoState::Syscall);
  return set_stack(out, event.args[1]) ? Step::Advanced : Step::Failed;
}

Ordering::Step Ordering::syscall_end(const PendingEvent& event, const Context& context) {
  if (!fits(context, Need::Must, Need::Must)) return Step::Failed;
  Goroutine& goroutine = goroutines_[context.g];
  if (goroutine.status != kGoSyscall &&
      !tolerate("GoSyscallEnd event for goroutine ({}) that's not in a system call", names_.goroutines[context.g]))
    return Step::Failed;
  Proc& proc = procs_[context.p];
  if (proc.status != kProcSyscall &&
      !tolerate("expected proc {} in state Syscall, but got another", names_.procs[context.p]))
    return Step::Failed;
  if (context.g != 0) goroutine.status = kGoRunning;
  if (context.p != 0) proc.status = kProcRunning;
  transition(emit(event, context), context.g, GoState::Syscall, GoState::Running);
  return Step::Advanced;
}

Ordering::Step Ordering::syscall_end_blocked(const PendingEvent& event, const Context& context, Context& next,
                                             bool force) {
  // Its P is going to be taken away: that has to come first.
  if (context.p != 0 && procs_[context.p].status == kProcSyscall && !force) return Step::Later;
  if (context.p != 0 && procs_[context.p].status == kAbsent &&
      !tolerate("uninitialized proc {} found during GoSyscallEndBlocked", names_.procs[context.p]))
    return Step::Failed;
  if (!fits(context, Need::May, Need::Must)) return Step::Failed;
  Goroutine& goroutine = goroutines_[context.g];
  if (goroutine.status != kGoSyscall &&
      !tolerate("GoSyscallEndBlocked event for goroutine ({}) that's not in a system call",
                names_.goroutines[context.g]))
    return Step::Failed;
  if (context.g != 0) goroutine.status = kGoRunnable;
  next.g = 0;
  transition(emit(event, context), context.g, GoState::Syscall, GoState::Runnable);
  return Step::Advanced;
}

Ordering::Step Ordering::create_syscall(const PendingEvent& event, const Context& context, Context& next) {
  if (!fits(context, Need::May, Need::Not)) return Step::Failed;
  const std::uint32_t g = goroutine_row(event.args[0]);
  if (goroutines_[g].status != kAbsent) {
    if (!tolerate("tried to create goroutine ({}) in syscall that already exists", event.args[0])) return Step::Failed;
    destroy(g);
  }
  ++goroutines_seen_;
  goroutines_[g].status = kGoSyscall;
  goroutines_[g].sequence = {.generation = generation_, .number = 0};
  next.g = g;
  transition(emit(event, context), g, GoState::NotExist, GoState::Syscall);
  return Step::Advanced;
}

Ordering::Step Ordering::destroy_syscall(const PendingEvent& event, const Context& context, Context& next) {
  if (!fits(context, Need::May, Need::Must)) return Step::Failed;
  if (goroutines_[context.g].status != kGoSyscall &&
      !tolerate("GoDestroySyscall event for goroutine ({}) that's not in a system call", names_.goroutines[context.g]))
    return Step::Failed;
  destroy(context.g);
  next.g = 0;
  if (context.p != 0) {
    Proc& proc = procs_[context.p];
    if (proc.status != kProcSyscall &&
        !tolerate("proc {} in unexpected state during GoDestroySyscall", names_.procs[context.p]))
      return Step::Failed;
    // The system may give the thread's id to another one, so from here on it has no P.
    proc.status = kProcAbandoned;
    next.p = 0;
    PendingEvent steal = event;
    steal.type = TraceType::ProcSteal;
    transition(emit(steal, context), context.p, ProcState::Running, ProcState::Idle);
  }
  transition(emit(event, context), context.g, GoState::Syscall, GoState::NotExist);
  return Step::Advanced;
}

void Ordering::destroy(std::uint32_t g) {
  Goroutine& goroutine = goroutines_[g];
  if (goroutine.has_regions) regions_.erase(g);
  if (goroutine.has_stw) stw_.erase(g);
  goroutine = {};
}

}  // namespace gopsy::decode::trace
