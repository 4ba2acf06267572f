#include "decode/trace/format.h"

#include <algorithm>

#include "base/text.h"

namespace gopsy::decode::trace {
namespace {

using model::TraceType;

constexpr EventSpec timed(std::string_view name, std::array<std::string_view, 5> names) {
  EventSpec spec{.name = name, .args = 0, .timed = true, .has_data = false, .is_stack = false, .names = names};
  for (const std::string_view arg : names)
    if (!arg.empty()) ++spec.args;
  return spec;
}

constexpr EventSpec structural(std::string_view name, std::array<std::string_view, 5> names = {}) {
  EventSpec spec = timed(name, names);
  spec.timed = false;
  return spec;
}

constexpr EventSpec with_data(EventSpec spec) {
  spec.has_data = true;
  return spec;
}

constexpr EventSpec of_frames(EventSpec spec) {
  spec.is_stack = true;
  return spec;
}

constexpr std::array<EventSpec, kSpecs> make_specs() {
  std::array<EventSpec, kSpecs> table{};
  const auto row = [&table](TraceType type, EventSpec spec) { table[static_cast<std::size_t>(type)] = spec; };
  using enum TraceType;
  row(EventBatch, structural("EventBatch", {"gen", "m", "time", "size"}));
  row(Stacks, structural("Stacks"));
  row(Stack, of_frames(structural("Stack", {"id", "nframes"})));
  row(Strings, structural("Strings"));
  row(String, with_data(structural("String", {"id"})));
  row(CpuSamples, structural("CPUSamples"));
  row(CpuSample, structural("CPUSample", {"time", "m", "p", "g", "stack"}));
  row(Frequency, structural("Frequency", {"freq"}));
  row(ExperimentalBatch, with_data(structural("ExperimentalBatch", {"exp", "gen", "m", "time"})));
  row(Sync, structural("Sync"));
  row(EndOfGeneration, structural("EndOfGeneration"));
  row(ProcsChange, timed("ProcsChange", {"dt", "procs_value", "stack"}));
  row(ProcStart, timed("ProcStart", {"dt", "p", "p_seq"}));
  row(ProcStop, timed("ProcStop", {"dt"}));
  row(ProcSteal, timed("ProcSteal", {"dt", "p", "p_seq", "m"}));
  row(ProcStatus, timed("ProcStatus", {"dt", "p", "pstatus"}));
  row(GoCreate, timed("GoCreate", {"dt", "new_g", "new_stack", "stack"}));
  row(GoCreateSyscall, timed("GoCreateSyscall", {"dt", "new_g"}));
  row(GoStart, timed("GoStart", {"dt", "g", "g_seq"}));
  row(GoDestroy, timed("GoDestroy", {"dt"}));
  row(GoDestroySyscall, timed("GoDestroySyscall", {"dt"}));
  row(GoStop, timed("GoStop", {"dt", "reason_string", "stack"}));
  row(GoBlock, timed("GoBlock", {"dt", "reason_string", "stack"}));
  row(GoUnblock, timed("GoUnblock", {"dt", "g", "g_seq", "stack"}));
  row(GoSyscallBegin, timed("GoSyscallBegin", {"dt", "p_seq", "stack"}));
  row(GoSyscallEnd, timed("GoSyscallEnd", {"dt"}));
  row(GoSyscallEndBlocked, timed("GoSyscallEndBlocked", {"dt"}));
  row(GoStatus, timed("GoStatus", {"dt", "g", "m", "gstatus"}));
  row(StwBegin, timed("STWBegin", {"dt", "kind_string", "stack"}));
  row(StwEnd, timed("STWEnd", {"dt"}));
  row(GcActive, timed("GCActive", {"dt", "gc_seq"}));
  row(GcBegin, timed("GCBegin", {"dt", "gc_seq", "stack"}));
  row(GcEnd, timed("GCEnd", {"dt", "gc_seq"}));
  row(SweepActive, timed("GCSweepActive", {"dt", "p"}));
  row(SweepBegin, timed("GCSweepBegin", {"dt", "stack"}));
  row(SweepEnd, timed("GCSweepEnd", {"dt", "swept_value", "reclaimed_value"}));
  row(AssistActive, timed("GCMarkAssistActive", {"dt", "g"}));
  row(AssistBegin, timed("GCMarkAssistBegin", {"dt", "stack"}));
  row(AssistEnd, timed("GCMarkAssistEnd", {"dt"}));
  row(HeapAlloc, timed("HeapAlloc", {"dt", "heapalloc_value"}));
  row(HeapGoal, timed("HeapGoal", {"dt", "heapgoal_value"}));
  row(GoLabel, timed("GoLabel", {"dt", "label_string"}));
  row(TaskBegin, timed("UserTaskBegin", {"dt", "task", "parent_task", "name_string", "stack"}));
  row(TaskEnd, timed("UserTaskEnd", {"dt", "task", "stack"}));
  row(RegionBegin, timed("UserRegionBegin", {"dt", "task", "name_string", "stack"}));
  row(RegionEnd, timed("UserRegionEnd", {"dt", "task", "name_string", "stack"}));
  row(Log, timed("UserLog", {"dt", "task", "key_string", "value_string", "stack"}));
  row(GoSwitch, timed("GoSwitch", {"dt", "g", "g_seq"}));
  row(GoSwitchDestroy, timed("GoSwitchDestroy", {"dt", "g", "g_seq"}));
  row(GoCreateBlocked, timed("GoCreateBlocked", {"dt", "new_g", "new_stack", "stack"}));
  row(GoStatusStack, timed("GoStatusStack", {"dt", "g", "m", "gstatus", "stack"}));
  row(ClockSnapshot, timed("ClockSnapshot", {"dt", "mono", "sec", "nsec"}));
  row(Span, timed("Span", {"dt", "id", "npages_value", "kindclass"}));
  row(SpanAlloc, timed("SpanAlloc", {"dt", "id", "npages_value", "kindclass"}));
  row(SpanFree, timed("SpanFree", {"dt", "id"}));
  row(HeapObject, timed("HeapObject", {"dt", "id", "type"}));
  row(HeapObjectAlloc, timed("HeapObjectAlloc", {"dt", "id", "type"}));
  row(HeapObjectFree, timed("HeapObjectFree", {"dt", "id"}));
  row(GoroutineStack, timed("GoroutineStack", {"dt", "id", "order"}));
  row(GoroutineStackAlloc, timed("GoroutineStackAlloc", {"dt", "id", "order"}));
  row(GoroutineStackFree, timed("GoroutineStackFree", {"dt", "id"}));
  return table;
}

constexpr std::array<EventSpec, kSpecs> kTable = make_specs();

constexpr std::array<std::string_view, 22> kStrings25{
    "Not worker",
    "GC (dedicated)",
    "GC (fractional)",
    "GC (idle)",
    "unspecified",
    "forever",
    "network",
    "select",
    "sync.(*Cond).Wait",
    "sync",
    "chan send",
    "chan receive",
    "GC mark assist wait for work",
    "GC background sweeper wait",
    "system goroutine wait",
    "preempted",
    "wait for debug call",
    "wait until GC ends",
    "sleep",
    "GC weak to strong wait",
    "synctest",
    "runtime.Gosched",
};
constexpr std::size_t kBefore23 = 19;  // they lack "GC weak to strong wait" and what follows but Gosched
constexpr std::size_t kBefore25 = 20;

template <std::size_t N>
constexpr std::array<std::string_view, N + 1> with_gosched() {
  std::array<std::string_view, N + 1> table{};
  std::copy_n(kStrings25.begin(), N, table.begin());
  table[N] = "runtime.Gosched";
  return table;
}
constexpr auto kStrings22 = with_gosched<kBefore23>();
constexpr auto kStrings23 = with_gosched<kBefore25>();

}  // namespace

std::optional<unsigned> format_of(std::string_view head) {
  if (head.size() < kHeaderBytes) return std::nullopt;
  std::string_view text = head.substr(0, kHeaderBytes);
  if (!consume(text, "go 1.") || text.front() == '0') return std::nullopt;
  const auto minor = consume_decimal(text);
  // Before Go 1.10 the version had one digit and the layout was another.
  if (!minor || text != std::string_view(" trace\0\0\0", 9)) return std::nullopt;
  return static_cast<unsigned>(*minor);
}

bool is_known(unsigned format) {
  constexpr std::array kKnown{11u, 19u, 21u, 22u, 23u, 25u, 26u};
  return std::ranges::find(kKnown, format) != kKnown.end();
}

GoVersions go_versions(unsigned format) {
  switch (format) {
    case 11: return {.oldest = 11, .newest = 18};
    case 19: return {.oldest = 19, .newest = 20};
    case 21:
    case 22:
    case 25: return {.oldest = format, .newest = format};
    case 23: return {.oldest = 23, .newest = 24};
    default: return {.oldest = format, .newest = 0};
  }
}

const std::array<EventSpec, kSpecs>& specs() { return kTable; }

std::size_t known_specs(unsigned format) {
  if (format < 22) return 0;
  if (format == 22) return static_cast<std::size_t>(TraceType::Log) + 1;
  if (format < 25) return static_cast<std::size_t>(TraceType::ExperimentalBatch) + 1;
  if (format == 25) return static_cast<std::size_t>(TraceType::ClockSnapshot) + 1;
  return kSpecs;
}

std::span<const std::string_view> fixed_strings(unsigned format) {
  if (format < 22) return {};
  if (format == 22) return kStrings22;
  if (format < 25) return kStrings23;
  return kStrings25;
}

}  // namespace gopsy::decode::trace
