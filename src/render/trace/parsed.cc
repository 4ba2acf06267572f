#include <time.h>

#include "base/format.h"
#include "base/go_quote.h"
#include "render/trace/trace_text.h"

namespace gopsy::render {
namespace {

using model::TraceEvent;
using model::TraceType;

constexpr std::array<std::string_view, 6> kGoStates{"Undetermined", "NotExist", "Runnable",
                                                    "Running",      "Waiting",  "Syscall"};
constexpr std::array<std::string_view, 4> kProcStates{"Undetermined", "NotExist", "Running", "Idle"};

std::string_view kind_of(TraceType type) {
  using enum TraceType;
  switch (type) {
    case CpuSample: return " StackSample Time=";
    case ProcsChange:
    case HeapAlloc:
    case HeapGoal: return " Metric Time=";
    case GoLabel: return " Label Time=";
    case StwBegin:
    case GcBegin:
    case SweepBegin:
    case AssistBegin: return " RangeBegin Time=";
    case GcActive:
    case SweepActive:
    case AssistActive: return " RangeActive Time=";
    case StwEnd:
    case GcEnd:
    case SweepEnd:
    case AssistEnd: return " RangeEnd Time=";
    case TaskBegin: return " TaskBegin Time=";
    case TaskEnd: return " TaskEnd Time=";
    case RegionBegin: return " RegionBegin Time=";
    case RegionEnd: return " RegionEnd Time=";
    case Log: return " Log Time=";
    case Sync: return " Sync Time=";
    default: return type >= Span ? " Experimental Time=" : " StateTransition Time=";
  }
}

std::string_view experimental_name(TraceType type) {
  constexpr std::array<std::string_view, 9> kNames{"Span",           "SpanAlloc",           "SpanFree",
                                                   "HeapObject",     "HeapObjectAlloc",     "HeapObjectFree",
                                                   "GoroutineStack", "GoroutineStackAlloc", "GoroutineStackFree"};
  return kNames[static_cast<std::size_t>(type) - static_cast<std::size_t>(TraceType::Span)];
}

std::span<const std::string_view> experimental_args(TraceType type) {
  static constexpr std::array<std::string_view, 3> kSpan{"id", "npages_value", "kindclass"};
  static constexpr std::array<std::string_view, 2> kObject{"id", "type"};
  static constexpr std::array<std::string_view, 2> kStack{"id", "order"};
  using enum TraceType;
  switch (type) {
    case TraceType::Span:
    case SpanAlloc: return kSpan;
    case HeapObject:
    case HeapObjectAlloc: return kObject;
    case GoroutineStack:
    case GoroutineStackAlloc: return kStack;
    default: return std::span(kSpan).first(1);
  }
}

// RFC 3339 in local time, with as many digits of the second as are not zero.
std::string wall_text(const model::TraceClock& clock, bool fraction) {
  // Damaged clocks say anything: such a year is nothing to print.
  constexpr std::int64_t kMost = std::int64_t{1} << 55;
  if (clock.wall_s > kMost || clock.wall_s < -kMost) return "?";
  std::int64_t seconds = clock.wall_s + clock.wall_ns / 1'000'000'000;
  std::int64_t ns = clock.wall_ns % 1'000'000'000;
  if (ns < 0) {
    ns += 1'000'000'000;
    --seconds;
  }
  const time_t at = seconds;
  tm local{};
  if (localtime_r(&at, &local) == nullptr) return "?";
  std::string out = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", local.tm_year + 1900L, local.tm_mon + 1,
                                local.tm_mday, local.tm_hour, local.tm_min, local.tm_sec);
  if (ns != 0 && fraction) {
    std::string digits = fmt::format("{:09}", ns);
    digits.resize(digits.find_last_not_of('0') + 1);
    out += '.';
    out += digits;
  }
  const long offset = local.tm_gmtoff / 60;
  if (offset == 0) return out + "Z";
  const long minutes = offset < 0 ? -offset : offset;
  return out + fmt::format("{}{:02}:{:02}", offset < 0 ? '-' : '+', minutes / 60, minutes % 60);
}

}  // namespace

void ParsedTraceText::generation(const model::TraceTables& tables, const model::TraceNames& names) {
  tables_ = &tables;
  names_ = &names;
  stacks_.clear();
  quoted_.clear();
}

void ParsedTraceText::events(std::span<const TraceEvent> chunk) {
  for (const TraceEvent& one : chunk) event(one);
}

void ParsedTraceText::event(const TraceEvent& event) {
  // A trace of nothing but its end has no tables.
  const auto id = [](const std::vector<std::uint64_t>& ids, std::uint32_t row) {
    return static_cast<std::int64_t>(ids[row]);
  };
  if (event.type == TraceType::Sync && bare()) return old_sync(event);
  last_ns_ = event.time_ns;
  out_.text("M=");
  out_.number(names_ == nullptr ? -1 : id(names_->threads, event.m));
  out_.text(" P=");
  out_.number(names_ == nullptr ? -1 : id(names_->procs, event.p));
  out_.text(" G=");
  out_.number(names_ == nullptr ? -1 : id(names_->goroutines, event.g));
  out_.text(kind_of(event.type));
  out_.number(event.time_ns);
  using enum TraceType;
  switch (event.type) {
    case ProcsChange: metric("/sched/gomaxprocs:threads", event); break;
    case HeapAlloc: metric("/memory/classes/heap/objects:bytes", event); break;
    case HeapGoal: metric("/gc/heap/goal:bytes", event); break;
    case GoLabel:
      out_.text(" Label=");
      quoted(event.value);
      out_.text(" Resource=Goroutine(");
      out_.number(id(names_->goroutines, event.g));
      out_.text(")");
      break;
    case StwBegin:
    case StwEnd:
    case GcActive:
    case GcBegin:
    case GcEnd:
    case SweepActive:
    case SweepBegin:
    case SweepEnd:
    case AssistActive:
    case AssistBegin:
    case AssistEnd: range(event); break;
    case TaskBegin:
    case TaskEnd:
      out_.text(" ID=");
      out_.number(event.value);
      out_.text(" Parent=");
      out_.number(event.other);
      out_.text(" Type=");
      quoted(event.subject);
      break;
    case RegionBegin:
    case RegionEnd:
      out_.text(" Task=");
      out_.number(event.value);
      out_.text(" Type=");
      quoted(event.other);
      break;
    case Log:
      out_.text(" Task=");
      out_.number(event.value);
      out_.text(" Category=");
      quoted(event.subject);
      out_.text(" Message=");
      quoted(event.other);
      break;
    case Sync: sync(event); break;
    case CpuSample: break;
    default:
      if (event.type >= TraceType::Span) {
        experimental(event);
        out_.line_end();
        return;
      }
      transition(event);
      break;
  }
  if (event.stack != 0) stack_below("\nStack=\n", event.stack);
  out_.line_end();
}

void ParsedTraceText::metric(std::string_view name, const TraceEvent& event) {
  out_.text(" Name=\"");
  out_.text(name);
  out_.text("\" Value=");
  value(event.value);
}

void ParsedTraceText::value(std::uint64_t number) {
  out_.text(bare() ? "Uint64(" : "Value{Uint64(");
  out_.number(number);
  out_.text(bare() ? ")" : ")}");
}

// Printed when the generation after it is asked for.
void ParsedTraceText::old_sync(const TraceEvent& event) {
  if (event.value <= 1 || v1_) return;
  out_.text("M=-1 P=-1 G=-1 Sync Time=");
  out_.number(++last_ns_);
  out_.line_end();
}

void ParsedTraceText::range(const TraceEvent& event) {
  using enum TraceType;
  std::string_view scope = " Scope=Goroutine(";
  const std::vector<std::uint64_t>* ids = &names_->goroutines;
  switch (event.type) {
    case StwBegin:
    case StwEnd: {
      std::string name = "stop-the-world (";
      name += tables_->text(event.value);
      name += ')';
      out_.text(" Name=");
      append_go_quoted(out_.raw(), name);
      break;
    }
    case GcActive:
    case GcBegin:
    case GcEnd:
      out_.text(" Name=\"GC concurrent mark phase\" Scope=None");
      scope = {};
      break;
    case SweepActive:
    case SweepBegin:
    case SweepEnd:
      out_.text(" Name=\"GC incremental sweep\"");
      scope = " Scope=Proc(";
      ids = &names_->procs;
      break;
    default: out_.text(" Name=\"GC mark assist\""); break;
  }
  if (!scope.empty()) {
    out_.text(scope);
    out_.number(static_cast<std::int64_t>((*ids)[event.subject]));
    out_.text(")");
  }
  if (event.type == SweepEnd) {
    out_.text(" Attributes=[\"bytes swept\"=");
    value(event.value);
    out_.text(" \"bytes reclaimed\"=");
    value(event.other);
    out_.text("]");
  } else if (event.type == StwEnd || event.type == GcEnd || event.type == AssistEnd) {
    out_.text(" Attributes=[]");
  }
}

void ParsedTraceText::transition(const TraceEvent& event) {
  using enum TraceType;
  const bool newest = dialect_ == TraceDialect::Go126;
  const auto resource = [&](std::string_view kind, std::uint64_t id) {
    if (newest) return;
    out_.text(" Resource=");
    out_.text(kind);
    out_.number(static_cast<std::int64_t>(id));
    out_.text(") Reason=");
    quoted(event.type == GoBlock || event.type == GoStop ? event.value : 0);
  };
  if (event.type >= ProcStart && event.type <= ProcStatus) {
    resource("Proc(", names_->procs[event.subject]);
    out_.text(" ProcID=");
    out_.number(static_cast<std::int64_t>(names_->procs[event.subject]));
    out_.text(" ");
    out_.text(kProcStates[event.from]);
    out_.text("->");
    out_.text(kProcStates[event.to]);
    if (newest) out_.text(" Reason=\"\"");
    return;
  }
  resource("Goroutine(", names_->goroutines[event.subject]);
  out_.text(" GoID=");
  out_.number(static_cast<std::int64_t>(names_->goroutines[event.subject]));
  out_.text(" ");
  out_.text(kGoStates[event.from]);
  out_.text("->");
  out_.text(kGoStates[event.to]);
  if (newest) {
    out_.text(" Reason=");
    quoted(event.type == GoBlock || event.type == GoStop ? event.value : 0);
  }
  switch (event.type) {
    // Of a new goroutine the title is printed even where it has no stack.
    case GoCreate:
    case GoCreateBlocked: stack_below("\nTransitionStack=\n", event.other); break;
    case GoStatusStack:
      if (event.stack != 0 && newest) stack_below("\nTransitionStack=\n", event.stack);
      break;
    case GoBlock:
    case GoStop:
    case GoSyscallBegin:
      if (event.stack != 0) stack_below("\nTransitionStack=\n", event.stack);
      break;
    default: break;
  }
}

void ParsedTraceText::sync(const TraceEvent& event) {
  out_.text(" N=");
  out_.number(event.value);
  if ((event.flags & TraceEvent::kHasClock) == 0) return;
  out_.text(" Trace=");
  out_.number(tables_->clock->trace_ns);
  out_.text(" Mono=");
  out_.number(tables_->clock->mono_ns);
  out_.text(" Wall=");
  out_.text(wall_text(*tables_->clock, dialect_ == TraceDialect::Go126));
}

void ParsedTraceText::experimental(const TraceEvent& event) {
  const std::array<std::uint64_t, 3> values{event.value, event.other, event.subject | std::uint64_t{event.stack} << 32};
  out_.text(" Name=");
  out_.text(experimental_name(event.type));
  const auto names = experimental_args(event.type);
  if (bare()) {
    for (std::size_t k = 0; k < names.size(); ++k) {
      out_.text(k == 0 ? " ArgNames=[" : " ");
      out_.text(names[k]);
    }
    for (std::size_t k = 0; k < names.size(); ++k) {
      out_.text(k == 0 ? "] Args=[" : " ");
      out_.number(values[k]);
    }
    out_.text("]");
    return;
  }
  out_.text(" Args=[");
  std::size_t i = 0;
  for (const std::string_view arg : names) {
    if (i != 0) out_.text(", ");
    out_.text(arg);
    out_.text("=Value{Uint64(");
    out_.number(values[i++]);
    out_.text(")}");
  }
  out_.text("]");
}

void ParsedTraceText::stack_below(std::string_view title, std::uint64_t row) {
  out_.text(title);
  out_.text(stack_text(row));
}

const std::string& ParsedTraceText::stack_text(std::uint64_t row) {
  if (row >= stacks_.size()) stacks_.resize(std::max<std::size_t>(row + 1, tables_->stack_start.size()));
  std::string& text = stacks_[row];
  if (!text.empty()) return text;
  for (const std::uint32_t frame_row : tables_->stack(row)) {
    const model::TraceFrame& frame = tables_->frames[tables_->frames[frame_row].first_of_pc];
    text += '\t';
    text += tables_->text(frame.function);
    text += fmt::format(" @ 0x{:x}\n\t\t", frame.pc);
    text += tables_->text(frame.file);
    text += fmt::format(":{}\n", frame.line);
  }
  return text;
}

void ParsedTraceText::quoted(std::uint64_t row) {
  // Messages of logs are many and stand there once.
  constexpr std::size_t kMostKept = 4096;
  if (row >= kMostKept) return append_go_quoted(out_.raw(), tables_->text(row));
  if (row >= quoted_.size()) quoted_.resize(row + 1);
  std::string& text = quoted_[row];
  if (text.empty()) append_go_quoted(text, tables_->text(row));
  out_.text(text);
}

}  // namespace gopsy::render
