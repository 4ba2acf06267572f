// The part of Ordering that is not the scheduler's: garbage collection, stops of the world, tasks, regions, values.
#include <algorithm>

#include "decode/trace/order.h"

namespace gopsy::decode::trace {

using model::kNoTask;
using model::TraceEvent;
using model::TraceTables;
using model::TraceType;

Result<void> Ordering::sample(const CpuSample& sample) {
  writer_.reserve();
  PendingEvent event{.time_ns = sample.time_ns, .args = {}, .type = TraceType::CpuSample};
  const Context context{
      .g = goroutine_row(sample.goroutine), .p = proc_row(sample.proc), .m = thread_row(sample.thread)};
  const std::size_t before = writer_.used();
  if (set_stack(emit(event, context), sample.stack)) return {};
  writer_.rewind(before);
  return std::unexpected(error_);
}

Ordering::Step Ordering::annotation(const PendingEvent& event, const Context& context) {
  const bool heap = event.type == TraceType::HeapAlloc || event.type == TraceType::HeapGoal;
  if (!fits(context, Need::Must, heap ? Need::May : Need::Must)) return Step::Failed;
  TraceEvent& out = emit(event, context);
  out.value = event.args[0];
  if (event.type == TraceType::ProcsChange) return set_stack(out, event.args[1]) ? Step::Advanced : Step::Failed;
  if (event.type == TraceType::GoLabel) {
    const std::uint32_t label = string_row(event.args[0]);
    out.value = label;
    return label != RowIndex::kMissing ? Step::Advanced : Step::Failed;
  }
  if (event.type == TraceType::Log) {
    if (!set_stack(out, event.args[3])) return Step::Failed;
    out.subject = string_row(event.args[1]);
    const std::uint32_t message = string_row(event.args[2]);
    out.other = message;
    return out.subject != RowIndex::kMissing && message != RowIndex::kMissing ? Step::Advanced : Step::Failed;
  }
  return Step::Advanced;
}

Ordering::Step Ordering::experimental(const PendingEvent& event, const Context& context) {
  if (!fits(context, Need::May, Need::May)) return Step::Failed;
  TraceEvent& out = emit(event, context);
  out.value = event.args[0];
  out.other = event.args[1];
  out.subject = static_cast<std::uint32_t>(event.args[2]);
  out.stack = static_cast<std::uint32_t>(event.args[2] >> 32);
  return Step::Advanced;
}

Ordering::Step Ordering::task_begin(const PendingEvent& event, const Context& context) {
  const std::uint64_t id = event.args[0];
  if (tasks_.contains(id) && !tolerate("task ID conflict: {}", id)) return Step::Failed;
  // 0 is no parent here, though elsewhere it is the background task.
  const std::uint64_t parent = event.args[1] == 0 ? kNoTask : event.args[1];
  const std::uint32_t name = string_row(event.args[2]);
  if (name == RowIndex::kMissing) return Step::Failed;
  tasks_[id] = {.name = texts_.intern(tables_->tables().text(name)), .parent = parent};
  if (!fits(context, Need::Must, Need::Must)) return Step::Failed;
  TraceEvent& out = emit(event, context);
  out.value = id;
  out.other = parent;
  out.subject = name;
  return set_stack(out, event.args[3]) ? Step::Advanced : Step::Failed;
}

Ordering::Step Ordering::task_end(const PendingEvent& event, const Context& context) {
  std::uint64_t parent = kNoTask;
  std::uint32_t name = 0;
  if (const auto found = tasks_.find(event.args[0]); found != tasks_.end()) {
    parent = found->second.parent;
    // It may have begun in a generation whose tables are gone.
    name = tables_->extra_string(texts_.text(found->second.name));
    tasks_.erase(found);
  }
  if (!fits(context, Need::Must, Need::Must)) return Step::Failed;
  TraceEvent& out = emit(event, context);
  out.value = event.args[0];
  out.other = parent;
  out.subject = name;
  return set_stack(out, event.args[1]) ? Step::Advanced : Step::Failed;
}

Ordering::Step Ordering::region(const PendingEvent& event, const Context& context) {
  if (!fits(context, Need::Must, Need::Must)) return Step::Failed;
  const std::uint32_t name = string_row(event.args[1]);
  if (name == RowIndex::kMissing) return Step::Failed;
  Goroutine& goroutine = goroutines_[context.g];
  if (goroutine.status == kAbsent &&
      !tolerate("encountered region without known state for current goroutine {}", names_.goroutines[context.g]))
    return Step::Failed;
  const Region region{.task = event.args[0], .name = texts_.intern(tables_->tables().text(name))};
  if (event.type == TraceType::RegionBegin) {
    goroutine.has_regions = true;
    regions_[context.g].push_back(region);
  } else if (goroutine.has_regions) {
    // One that began before the trace did has no beginning here, and is fine.
    std::vector<Region>& active = regions_[context.g];
    if (!active.empty()) {
      if (active.back() != region &&
          !tolerate("misuse of region in goroutine {}: another one is the innermost", names_.goroutines[context.g]))
        return Step::Failed;
      active.pop_back();
    }
  }
  TraceEvent& out = emit(event, context);
  out.value = event.args[0];
  out.other = name;
  return set_stack(out, event.args[2]) ? Step::Advanced : Step::Failed;
}

Ordering::Step Ordering::gc(const PendingEvent& event, const Context& context, bool force) {
  const std::uint64_t sequence = event.args[0];
  const bool undetermined = gc_ == Gc::Undetermined;
  bool checked = true;
  switch (event.type) {
    case TraceType::GcActive:
      if (first_) {
        if (!undetermined && !tolerate("GCActive in the first generation isn't first GC event")) return Step::Failed;
        checked = false;
        break;
      }
      if (sequence != gc_sequence_ + 1 && !force) return Step::Later;
      if (gc_ != Gc::Running && !tolerate("encountered GCActive while GC was not in progress")) return Step::Failed;
      break;
    case TraceType::GcBegin:
      if (undetermined) {
        checked = false;
        break;
      }
      if (sequence != gc_sequence_ + 1 && !force) return Step::Later;
      if (gc_ == Gc::Running && !tolerate("encountered GCBegin while GC was already in progress")) return Step::Failed;
      break;
    default:
      if (sequence != gc_sequence_ + 1 && !force) return Step::Later;
      if (gc_ == Gc::NotRunning && !tolerate("encountered GCEnd when GC was not in progress")) return Step::Failed;
      if (undetermined && !tolerate("encountered GCEnd when GC was in an undetermined state")) return Step::Failed;
      break;
  }
  gc_sequence_ = sequence;
  gc_ = event.type == TraceType::GcEnd ? Gc::NotRunning : Gc::Running;
  if (checked && !fits(context, Need::Must, Need::Must)) return Step::Failed;
  TraceEvent& out = emit(event, context);
  out.value = sequence;
  if (event.type == TraceType::GcBegin && !set_stack(out, event.args[1])) return Step::Failed;
  return Step::Advanced;
}

Ordering::Step Ordering::sweep(const PendingEvent& event, const Context& context) {
  const bool active = event.type == TraceType::SweepActive;
  if (!active && !fits(context, Need::Must, Need::May)) return Step::Failed;
  const std::uint32_t p = active ? proc_row(event.args[0]) : context.p;
  Proc& proc = procs_[p];
  if (active) {
    if (proc.status == kAbsent && !tolerate("encountered GCSweepActive for unknown proc {}", event.args[0]))
      return Step::Failed;
    if (first_ && proc.sweeping && !tolerate("found named active range already in first gen")) return Step::Failed;
    if (!first_ && !proc.sweeping && !tolerate("resource is missing active range: GCSweepBegin")) return Step::Failed;
    proc.sweeping = true;
  } else if (event.type == TraceType::SweepBegin) {
    if (proc.sweeping && !tolerate("discovered event already in-flight for when starting event GCSweepBegin"))
      return Step::Failed;
    proc.sweeping = true;
  } else {
    if (!proc.sweeping && !tolerate("tried to end event GCSweepBegin, but not in-flight")) return Step::Failed;
    proc.sweeping = false;
  }
  TraceEvent& out = emit(event, context);
  out.subject = p;
  if (event.type == TraceType::SweepBegin) return set_stack(out, event.args[0]) ? Step::Advanced : Step::Failed;
  if (event.type == TraceType::SweepEnd) {
    out.value = event.args[0];
    out.other = event.args[1];
  }
  return Step::Advanced;
}

Ordering::Step Ordering::assist(const PendingEvent& event, const Context& context) {
  const bool active = event.type == TraceType::AssistActive;
  if (!active && !fits(context, Need::Must, Need::Must)) return Step::Failed;
  const std::uint32_t g = active ? goroutine_row(event.args[0]) : context.g;
  Goroutine& goroutine = goroutines_[g];
  if (goroutine.status == kAbsent &&
      !tolerate("uninitialized goroutine {} found during GCMarkAssist", names_.goroutines[g]))
    return Step::Failed;
  if (active) {
    if (first_ && goroutine.assisting && !tolerate("found named active range already in first gen"))
      return Step::Failed;
    if (!first_ && !goroutine.assisting && !tolerate("resource is missing active range: GCMarkAssistBegin"))
      return Step::Failed;
    goroutine.assisting = true;
  } else if (event.type == TraceType::AssistBegin) {
    if (goroutine.assisting &&
        !tolerate("discovered event already in-flight for when starting event GCMarkAssistBegin"))
      return Step::Failed;
    goroutine.assisting = true;
  } else {
    if (!goroutine.assisting && !tolerate("tried to end event GCMarkAssistBegin, but not in-flight"))
      return Step::Failed;
    goroutine.assisting = false;
  }
  TraceEvent& out = emit(event, context);
  out.subject = g;
  if (event.type == TraceType::AssistBegin) return set_stack(out, event.args[0]) ? Step::Advanced : Step::Failed;
  return Step::Advanced;
}

Ordering::Step Ordering::stw(const PendingEvent& event, const Context& context) {
  if (!fits(context, Need::Must, Need::Must)) return Step::Failed;
  Goroutine& goroutine = goroutines_[context.g];
  if (goroutine.status == kAbsent &&
      !tolerate("encountered STW without known state for current goroutine {}", names_.goroutines[context.g]))
    return Step::Failed;
  std::vector<std::uint64_t>& active = stw_[context.g];
  goroutine.has_stw = true;
  if (event.type == TraceType::StwBegin) {
    if (std::ranges::find(active, event.args[0]) != active.end() &&
        !tolerate("discovered event already in-flight for when starting event STWBegin"))
      return Step::Failed;
    active.push_back(event.args[0]);
    TraceEvent& out = emit(event, context);
    out.subject = context.g;
    const std::uint32_t kind = string_row(event.args[0]);
    out.value = kind;
    return set_stack(out, event.args[1]) && kind != RowIndex::kMissing ? Step::Advanced : Step::Failed;
  }
  std::uint64_t kind = 0;
  if (active.empty()) {
    if (!tolerate("tried to end event STWBegin, but not in-flight")) return Step::Failed;
  } else {
    kind = active.front();
    active.front() = active.back();
    active.pop_back();
  }
  TraceEvent& out = emit(event, context);
  out.subject = context.g;
  const std::uint32_t row = tables_->string_row(kind);
  out.value = row == RowIndex::kMissing ? TraceTables::kLost : row;
  return Step::Advanced;
}

}  // namespace gopsy::decode::trace
