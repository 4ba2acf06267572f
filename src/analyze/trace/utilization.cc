#include "analyze/trace/utilization.h"

#include <algorithm>

namespace gopsy::analyze {

using model::GoState;
using model::TraceEvent;
using model::TraceType;

namespace {

constexpr std::uint64_t kMostProcs = 1 << 16;

bool executes(std::uint8_t state) {
  return state == static_cast<std::uint8_t>(GoState::Running) || state == static_cast<std::uint8_t>(GoState::Syscall);
}

bool is_of_collector(std::string_view stop) { return stop.contains("GC"); }

}  // namespace

void Utilization::event(const TraceContext& context, const TraceEvent& event) {
  switch (event.type) {
    case TraceType::Sync: syncs_ = event.value; break;
    case TraceType::ProcsChange: procs(event.value, event.time_ns); break;
    case TraceType::StwBegin:
    case TraceType::StwEnd:
      if (!question_.stops || !is_of_collector(context.tables->text(event.value))) return;
      if (event.type == TraceType::StwBegin)
        ++stops_;
      else if (stops_ > 0)
        --stops_;
      break;
    case TraceType::SweepActive:
    case TraceType::SweepBegin:
    case TraceType::SweepEnd:
      if (!question_.sweeps) return;
      if (event.type == TraceType::SweepEnd)
        give(context, event.subject);
      else if (event.type == TraceType::SweepBegin || early())
        take(context, event.subject);
      if (event.type == TraceType::SweepActive && early()) late_news();
      break;
    case TraceType::AssistActive:
    case TraceType::AssistBegin:
    case TraceType::AssistEnd: assist(context, event); break;
    case TraceType::GoLabel: label(context, event); break;
    default: goroutine(context, event);
  }
  tell(event.time_ns);
}

void Utilization::assist(const TraceContext& context, const TraceEvent& event) {
  if (!question_.assists) return;
  const bool active = event.type == TraceType::AssistActive;
  if (active && !early()) return;
  const std::uint32_t g = active ? event.subject : event.g;
  if (g >= marks_.size()) marks_.resize(g + std::size_t{1});
  if (event.type == TraceType::AssistEnd) {
    if ((marks_[g] & kAssists) != 0) give(context, event.p);
    marks_[g] &= static_cast<std::uint8_t>(~kAssists);
    return;
  }
  marks_[g] |= kAssists;
  // One that is only mentioned does not execute.
  if (g != event.g) return;
  take(context, event.p);
  if (active) late_news();
}

void Utilization::label(const TraceContext& context, const TraceEvent& event) {
  const std::string_view label = context.tables->text(event.value);
  if (!question_.background || !label.starts_with("GC ") || event.g == 0) return;
  if (event.g >= marks_.size()) marks_.resize(event.g + std::size_t{1});
  // A dedicated worker has its P to itself: no goroutine of that P is slowed down.
  const bool works = label != "GC (idle)" && !(question_.per_proc && label == "GC (dedicated)");
  const bool worked = (marks_[event.g] & kWorker) != 0;
  if (works == worked) return;
  marks_[event.g] ^= kWorker;
  if (works)
    take(context, event.p);
  else
    give(context, event.p);
}

void Utilization::goroutine(const TraceContext& context, const TraceEvent& event) {
  const bool is_change = event.type == TraceType::GoSwitchDestroy || event.type == TraceType::GoSwitch ||
                         (event.type >= TraceType::GoCreate && event.type <= TraceType::GoStatus);
  if (!is_change || event.subject >= marks_.size()) return;
  const std::uint8_t marks = marks_[event.subject];
  if (executes(event.from) == executes(event.to)) return;
  if (executes(event.to)) {
    if ((marks & kAssists) != 0) take(context, event.p);
    return;
  }
  if (marks != 0) give(context, event.p);
  marks_[event.subject] &= static_cast<std::uint8_t>(~kWorker);  // it is labelled anew when it starts again
  if (event.to <= static_cast<std::uint8_t>(GoState::NotExist)) marks_[event.subject] = 0;
}

Utilization::Proc* Utilization::proc(const TraceContext& context, std::uint32_t p_row) {
  if (p_row == 0 || p_row >= context.names->procs.size()) return nullptr;
  const std::uint64_t id = context.names->procs[p_row];
  return id < procs_.size() ? &procs_[id] : nullptr;
}

void Utilization::take(const TraceContext& context, std::uint32_t p_row) {
  Proc* one = proc(context, p_row);
  if (one != nullptr && ++one->busy == 1) ++busy_;
}

void Utilization::give(const TraceContext& context, std::uint32_t p_row) {
  Proc* one = proc(context, p_row);
  if (one != nullptr && one->busy > 0 && --one->busy == 0) --busy_;
}

void Utilization::procs(std::uint64_t count, std::int64_t ns) {
  count = std::min(count, kMostProcs);
  while (procs_.size() > count) {
    if (procs_.back().busy > 0) --busy_;
    if (question_.per_proc && started_) sink_.change(procs_.back().series, {.time_ns = ns, .utilization = 0});
    procs_.pop_back();
  }
  while (procs_.size() < count) {
    const bool anew = question_.per_proc || series_ == 0;
    procs_.push_back({.busy = 0, .series = anew ? series_++ : 0, .told = -1});
  }
}

void Utilization::late_news() {
  if (started_ && !question_.per_proc && !procs_.empty())
    sink_.less_from_start(1.0 / static_cast<double>(procs_.size()));
}

void Utilization::start(std::int64_t ns) {
  started_ = true;
  tell(ns);
}

void Utilization::tell(std::int64_t ns) {
  if (!started_ || procs_.empty()) return;
  if (question_.per_proc) {
    for (Proc& one : procs_) {
      const double now = stops_ > 0 || one.busy > 0 ? 0 : 1;
      if (now != one.told) sink_.change(one.series, {.time_ns = ns, .utilization = now});
      one.told = now;
    }
    return;
  }
  const double now = stops_ > 0 ? 0 : 1.0 - (static_cast<double>(busy_) / static_cast<double>(procs_.size()));
  if (now != told_) sink_.change(0, {.time_ns = ns, .utilization = now});
  told_ = now;
}

void Utilization::finish(std::int64_t ns) {
  if (!question_.per_proc && !procs_.empty()) return sink_.change(0, {.time_ns = ns, .utilization = 0});
  for (const Proc& one : procs_) sink_.change(one.series, {.time_ns = ns, .utilization = 0});
}

}  // namespace gopsy::analyze
