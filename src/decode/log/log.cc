#include "decode/log/log.h"

#include <algorithm>

#include "base/format.h"
#include "base/text.h"
#include "base/units.h"
#include "decode/log/anchors.h"
#include "decode/log/demux.h"
#include "decode/log/walk.h"
#include "decode/traceback/grammar.h"

namespace gopsy::decode {
namespace {

using log::Demux;
using model::Cause;

// "runtime trace: 33 GC cycles, 20 scheduler samples".
std::string runtime_kind(const model::RuntimeLog& runtime) {
  std::vector<std::string> parts;
  for (const auto& [count, what] : {std::pair{runtime.cycles.size(), "GC cycle"},
                                    {runtime.samples.size(), "scheduler sample"},
                                    {runtime.scavenges.size(), "scavenger line"},
                                    {runtime.inits.size(), "package initialisation"},
                                    {runtime.pacer_lines + runtime.scan_lines + runtime.periodic, "other line"},
                                    {runtime.torn, "torn line"}})
    if (count != 0) parts.push_back(counted(count, what));
  return "runtime trace: " + join(parts, ", ");
}

// "panic: …", "goroutine dump", … of the traceback that matters most: the last that ended the process.
std::string kind_of(const model::Log& log, const model::Symbols& symbols) {
  if (log.tracebacks.empty()) {
    if (log.races.read != 0) return fmt::format("log with {}", counted(log.races.read, "data race report"));
    if (!log.runtime.empty()) return runtime_kind(log.runtime);
    return "log without a traceback";
  }
  const model::Traceback* chosen = &log.tracebacks.front();
  for (const auto& traceback : log.tracebacks)
    if (traceback.fatal_end()) chosen = &traceback;
  switch (chosen->cause) {
    case Cause::Panic: return "panic";
    case Cause::Fatal:
      return chosen->fatal.none() ? "fatal error"
                                  : fmt::format("fatal error: {}", shorten(symbols.text(chosen->fatal), 60));
    case Cause::Signal: return fmt::format("signal {}", symbols.text(chosen->signal->name));
    case Cause::Recovered: return "recovered panic";
    case Cause::Dump: break;
  }
  return log.tracebacks.size() == 1 ? "goroutine dump" : counted(log.tracebacks.size(), "goroutine dump");
}

// "panic, in Docker JSON": what had to be undone to read it.
std::string carried(std::string kind, const Demux::Outcome& outcome) {
  if (outcome.processes > 1) kind += fmt::format(", {} processes", outcome.processes);
  return outcome.carriers.empty() ? kind : fmt::format("{}, in {}", kind, join(outcome.carriers, " and "));
}

Result<model::Evidence> decode_in_steps(std::string_view bytes, model::Symbols& symbols, const Passed& passed) {
  consume(bytes, "\xEF\xBB\xBF");
  Demux demux(symbols, log::shape_of(bytes.substr(0, kSniffBytes)));
  const log::Walked walked = log::walk(bytes, demux, passed);
  Demux::Outcome outcome = demux.finish(walked.complete);
  traceback::Reading& reading = outcome.reading;
  model::Evidence evidence;
  evidence.go_version = std::move(reading.go_version);
  evidence.time_ns = reading.time_ns;
  evidence.log = std::move(reading.log);
  evidence.log->lines = walked.lines;
  evidence.log->last = {.text = symbols.intern(shorten(outcome.last, 400)), .number = outcome.last_number};
  evidence.kind = carried(kind_of(*evidence.log, symbols), outcome);

  model::Counts goroutines{.what = "goroutines",
                           .read = reading.goroutines_read,
                           .kept = reading.goroutines_read - reading.goroutines_malformed};
  goroutines.skip("malformed header", reading.goroutines_malformed);
  evidence.counts.push_back(std::move(goroutines));
  const model::Races& races = evidence.log->races;
  if (races.read != 0) {
    model::Counts reports{.what = "race reports", .read = races.read, .kept = races.read - races.malformed};
    reports.skip("without an access", races.malformed);
    evidence.counts.push_back(std::move(reports));
  }
  const model::RuntimeLog& runtime = evidence.log->runtime;
  model::Counts log_lines{
      .what = "lines",
      .read = walked.lines + outcome.inner_lines,
      .kept = reading.lines_in_tracebacks + races.report_lines + runtime.lines - runtime.torn - runtime.repeated};
  log_lines.skip("inside a traceback, of no known form", reading.lines_odd);
  log_lines.skip("of GODEBUG, torn", runtime.torn);
  log_lines.skip("of GODEBUG, told twice", runtime.repeated);
  log_lines.skip("parts of the line above", outcome.parts);
  const std::uint64_t placed = log_lines.kept + reading.lines_odd + runtime.torn + runtime.repeated + outcome.parts;
  log_lines.read = std::max(log_lines.read, placed);
  log_lines.skip("ordinary or blank", log_lines.read - placed);
  evidence.counts.push_back(std::move(log_lines));
  return evidence;
}

Result<model::Evidence> decode(std::string_view bytes, model::Symbols& symbols) {
  return decode_in_steps(bytes, symbols, {});
}

bool is_text(std::string_view head) { return !head.empty() && head.find('\0') == std::string_view::npos; }

// The first line that is not blank, timestamps and lead lines not looked at.
std::string_view first_line(std::string_view head) {
  LineReader lines(head);
  while (lines.next())
    if (!trim(lines.line()).empty()) return lines.line();
  return {};
}

bool is_dump(std::string_view head) { return traceback::goroutine_header(first_line(head)).has_value(); }

Match sniff_dump(std::string_view head) { return is_text(head) && is_dump(head) ? Match::Certain : Match::No; }

// The head is read as the whole would be: a traceback comes out of some carrier, or none does.
bool is_wrapped_log(std::string_view head) {
  if (log::find_anchor(head, 0) == std::string_view::npos) return false;
  model::Symbols symbols;
  Demux demux(symbols, log::shape_of(head));
  log::walk(head, demux, {});
  const Demux::Outcome outcome = demux.finish(true);
  return !outcome.reading.log.tracebacks.empty() && !outcome.carriers.empty();
}

Match sniff_log(std::string_view head) {
  if (!is_text(head) || is_dump(head)) return Match::No;
  LineReader lines(head);
  bool signal_name = false;
  while (lines.next()) {
    const std::string_view line = lines.line();
    if (line.starts_with("panic: ") || line.starts_with("fatal error: ") || traceback::goroutine_header(line) ||
        trim(line) == "WARNING: DATA RACE")
      return Match::Certain;
    if (signal_name && traceback::signal_header(line)) return Match::Certain;
    signal_name = traceback::is_signal_name(line);
  }
  if (is_wrapped_log(head)) return Match::Certain;
  // Any text may be the log of a process that ended without a word; others may claim it first.
  return Match::Maybe;
}

}  // namespace

constinit const Decoder kCrashLog{
    .name = "crash-log",
    .title = "Go crash log",
    .summary = "stderr or a log file: panics, fatal errors and signals with their tracebacks, dumps along the way",
    .sniff = sniff_log,
    .decode = decode,
    .decode_in_steps = decode_in_steps,
};

constinit const Decoder kGoroutineDump{
    .name = "goroutine-dump",
    .title = "goroutine dump",
    .summary = "goroutines with full stacks: /debug/pprof/goroutine?debug=2, runtime.Stack, a SetCrashOutput file",
    .sniff = sniff_dump,
    .decode = decode,
    .decode_in_steps = decode_in_steps,
};

}  // namespace gopsy::decode
