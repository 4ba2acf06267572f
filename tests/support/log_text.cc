#include "support/log_text.h"

#include <array>

#include "base/format.h"
#include "base/json_writer.h"
#include "base/text.h"

namespace gopsy::test {
namespace {

constexpr std::array kCauses{"dump", "panic", "fatal", "signal", "recovered"};

std::string frame_text(const model::Traceback& traceback, const model::TracebackFrame& frame,
                       const model::Symbols& symbols) {
  std::string out = fmt::format("    {}({}) {}:{}", symbols.text(frame.function), symbols.text(frame.args),
                                symbols.text(frame.file), frame.line);
  if (frame.inlined) out += " inlined";
  if (frame.pc_offset != 0) out += fmt::format(" +{:#x}", frame.pc_offset);
  const auto pointers = traceback.pointers_of(frame);
  if (pointers.sp != 0) out += fmt::format(" fp={:#x} sp={:#x}", pointers.fp, pointers.sp);
  if (pointers.pc != 0) out += fmt::format(" pc={:#x}", pointers.pc);
  return fmt::format("{} @{}\n", out, frame.log_line);
}

std::string goroutine_text(const model::Traceback& traceback, const model::Goroutine& g,
                           const model::Symbols& symbols) {
  std::string out = fmt::format("  goroutine {} [{}]", g.id, symbols.text(g.state));
  if (g.minutes != 0) out += fmt::format(" {} minutes", g.minutes);
  for (const auto& [set, word] : {std::pair{g.locked_to_thread, " locked"},
                                  {g.leaked, " leaked"},
                                  {g.scanned, " scanned"},
                                  {g.durable, " durable"},
                                  {g.system, " system"},
                                  {g.other_thread, " other thread"},
                                  {g.cut, " cut"}})
    if (set) out += word;
  if (g.bubble != 0) out += fmt::format(" bubble {}", g.bubble);
  if (g.gp != 0) out += fmt::format(" gp={:#x} m={}", g.gp, g.thread);
  for (const auto& label : traceback.labels_of(g))
    out += fmt::format(" {}={}", symbols.text(label.key), symbols.text(label.value));
  out += fmt::format(" @{}\n", g.log_line);
  const auto frames = traceback.frames_of(g);
  for (std::size_t i = 0; i <= frames.size(); ++i) {
    if (g.elided_frames != 0 && i == g.elided_after)
      out += g.elided_frames == model::Goroutine::kElidedUnknown
                 ? "    ... elided ...\n"
                 : fmt::format("    ... {} elided ...\n", g.elided_frames);
    if (i < frames.size()) out += frame_text(traceback, frames[i], symbols);
  }
  if (!g.created_by.none())
    out += fmt::format("    created by {} {}:{} in {}\n", symbols.text(g.created_by), symbols.text(g.created_file),
                       g.created_line, g.creator);
  for (const auto& ancestor : traceback.ancestors_of(g)) {
    out += fmt::format("    ancestor {}{} @{}\n", ancestor.id, ancestor.elided ? ", elided" : "", ancestor.log_line);
    for (const auto& frame : traceback.frames_of(ancestor)) out += "  " + frame_text(traceback, frame, symbols);
    if (!ancestor.created_by.none())
      out += fmt::format("      created by {} {}:{}\n", symbols.text(ancestor.created_by),
                         symbols.text(ancestor.created_file), ancestor.created_line);
  }
  return out;
}

std::string signal_text(const model::Traceback& traceback, const model::Signal& s, const model::Symbols& symbols) {
  std::string out = fmt::format("signal {} code={} addr={:#x} pc={:#x}{}\n", symbols.text(s.name), s.code,
                                s.address.value_or(0), s.pc.value_or(0), s.during_cgo ? " during cgo" : "");
  const auto registers = traceback.registers_of(s);
  if (registers.empty()) return out;
  out += "    registers:";
  for (const auto& r : registers) out += fmt::format(" {}={:x}", symbols.text(r.name), r.value);
  return out + '\n';
}

std::string traceback_text(const model::Traceback& traceback, const model::Symbols& symbols) {
  std::string out = fmt::format("{} lines {} to {}{}", kCauses[static_cast<std::size_t>(traceback.cause)],
                                traceback.first_line, traceback.last_line, traceback.cut ? ", cut" : "");
  if (traceback.bad_lines != 0) out += fmt::format(", {} odd lines", traceback.bad_lines);
  out += '\n';
  for (const auto& line : traceback.before) out += fmt::format("  before: {}\n", symbols.text(line.text));
  for (const auto& line : traceback.lead) out += fmt::format("  lead: {}\n", symbols.text(line.text));
  for (const auto& panic : traceback.panics)
    out += fmt::format("  panic: {}{}\n", json_string(symbols.text(panic.text)),
                       panic.repanicked  ? " [recovered, repanicked]"
                       : panic.recovered ? " [recovered]"
                                         : "");
  if (!traceback.fatal.none()) out += fmt::format("  fatal error: {}\n", symbols.text(traceback.fatal));
  if (traceback.signal) out += "  " + signal_text(traceback, *traceback.signal, symbols);
  for (const auto& g : traceback.goroutines) out += goroutine_text(traceback, g, symbols);
  for (const auto& thread : traceback.threads)
    out += fmt::format("  thread {} with {} goroutines from {}: {}", thread.signal.thread, thread.goroutine_count,
                       thread.first_goroutine, signal_text(traceback, thread.signal, symbols));
  return out;
}

std::string runtime_text(const model::RuntimeLog& runtime, const model::Symbols& symbols) {
  if (runtime.empty()) return {};
  std::string out = fmt::format("runtime: {} lines in {} runs, {} torn, {} repeated, {} pacer, {} scan, {} periodic\n",
                                runtime.lines, runtime.runs, runtime.torn, runtime.repeated, runtime.pacer_lines,
                                runtime.scan_lines, runtime.periodic);
  for (const auto& c : runtime.cycles)
    out += fmt::format(
        "  gc {} at {} ns, {} %, clock {}+{}+{}, cpu {}+{}/{}/{}+{}, {}->{}->{} of {} MiB, {} stacks, {} globals, {} "
        "P{}{} "
        "@{} run {}\n",
        c.number, c.start_ns, c.percent, c.sweep_termination_ns, c.mark_ns, c.mark_termination_ns,
        c.sweep_termination_cpu_ns, c.assist_cpu_ns, c.background_cpu_ns, c.idle_cpu_ns, c.mark_termination_cpu_ns,
        c.heap_start_mib, c.heap_end_mib, c.heap_live_mib, c.goal_mib, c.stacks_mib, c.globals_mib, c.procs,
        c.forced ? " forced" : "", c.leak_check ? " leak check" : "", c.line, c.run);
  for (const auto& s : runtime.samples) {
    out += fmt::format("  sched at {} ns: {} of {} idle, {} threads, {} spinning{}, {} idle, queue {}", s.time_ns,
                       s.idle_procs, s.procs, s.threads, s.spinning_threads, s.needs_spinning ? " needs more" : "",
                       s.idle_threads, s.queue);
    for (std::uint32_t i = 0; i < s.proc_count; ++i) {
      const auto& proc = runtime.procs[s.first_proc + i];
      out += fmt::format(" P{}={}", i, proc.queue);
      if (proc.has_ticks) out += fmt::format("/{}", proc.ticks);
    }
    if (s.detailed) out += fmt::format(", {} M, {} G", s.machines, s.goroutines);
    out += fmt::format(" @{} run {}\n", s.line, s.run);
  }
  for (const auto& state : runtime.states)
    out += fmt::format("  sample {}: {} of status {} ({})\n", state.sample, state.count, state.status,
                       symbols.text(state.reason));
  for (const auto& s : runtime.scavenges)
    out += fmt::format("  scav {}+{} KiB, {} KiB released, {} %{} @{}\n", s.background_kib, s.eager_kib, s.released_kib,
                       s.used_percent, s.forced ? " forced" : "", s.line);
  for (const auto& i : runtime.inits)
    out += fmt::format("  init {} at {} ns for {} ns, {} bytes, {} allocs @{}\n", symbols.text(i.package), i.start_ns,
                       i.clock_ns, i.bytes, i.allocs, i.line);
  return out;
}

std::string race_stack_text(const model::RaceReport& report, const model::RaceStack& stack,
                            const model::Symbols& symbols) {
  std::string out = stack.lost ? "    lost\n" : "";
  for (const auto& frame : report.frames_of(stack))
    out += fmt::format("    {} {}:{} @{}\n", symbols.text(frame.function), symbols.text(frame.file), frame.line,
                       frame.log_line);
  return out;
}

std::string race_text(const model::RaceReport& report, const model::Symbols& symbols) {
  std::string out = fmt::format("race lines {} to {}{}, {} times", report.first_line, report.last_line,
                                report.cut ? ", cut" : "", report.times);
  if (!report.test.none()) out += fmt::format(", test {}", symbols.text(report.test));
  out += '\n';
  for (std::uint32_t i = 0; i < report.access_count; ++i) {
    const auto& access = report.accesses[i];
    out += fmt::format("  {} by {}", access.write ? "write" : "read",
                       access.main ? "main" : fmt::format("goroutine {}", access.goroutine));
    if (access.address) out += fmt::format(" at {:#x}", *access.address);
    out += fmt::format(" @{}\n", access.log_line) + race_stack_text(report, access.stack, symbols);
    if (!access.creation_told) continue;
    out += access.finished ? "   created, finished\n" : "   created, running\n";
    out += race_stack_text(report, access.created, symbols);
  }
  return out;
}

}  // namespace

std::string log_text(const model::Evidence& evidence, const model::Symbols& symbols) {
  std::string out = fmt::format("kind: {}\ngo: {} ({})\n", evidence.kind, evidence.go_version.text(),
                                join(evidence.go_version.because(), "; "));
  for (const auto& counts : evidence.counts) {
    out += fmt::format("{}: {} read, {} kept", counts.what, counts.read, counts.kept);
    for (const auto& skipped : counts.skipped) out += fmt::format(", {} {}", skipped.count, skipped.reason);
    out += '\n';
  }
  for (const auto& notice : evidence.log->notices) out += fmt::format("notice: {}\n", symbols.text(notice.text));
  out += runtime_text(evidence.log->runtime, symbols);
  if (evidence.log->races.announced != 0) out += fmt::format("announced races: {}\n", evidence.log->races.announced);
  if (evidence.log->races.limit_line != 0) out += fmt::format("goroutine limit @{}\n", evidence.log->races.limit_line);
  for (const auto& report : evidence.log->races.reports) out += "\n" + race_text(report, symbols);
  for (const auto& traceback : evidence.log->tracebacks) out += "\n" + traceback_text(traceback, symbols);
  return out;
}

}  // namespace gopsy::test
