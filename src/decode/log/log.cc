#include "decode/log/log.h"

#include <algorithm>

#include "base/format.h"
#include "base/text.h"
#include "base/units.h"
#include "decode/log/stream.h"
#include "decode/traceback/grammar.h"

namespace gopsy::decode {
namespace {

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
    if (log.wrapped_headers != 0)
      return fmt::format("log with {} inside lines of another form (JSON, prefixes), which are not unwrapped yet",
                         counted(log.wrapped_headers, "goroutine header"));
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

// The line that go run or a shell adds when the process is gone; its own last word stands above.
bool is_wrapper(std::string_view line) { return line.starts_with("exit status ") || line.starts_with("signal: "); }

Result<model::Evidence> decode(std::string_view bytes, model::Symbols& symbols) {
  log::Stream reader(symbols);
  consume(bytes, "\xEF\xBB\xBF");
  LineReader lines(bytes);
  std::string_view last;
  std::uint32_t last_number = 0;
  while (lines.next()) {
    reader.line(lines.line(), lines.number());
    if (lines.line().empty() || (last_number != 0 && is_wrapper(lines.line()))) continue;
    last = lines.line();
    last_number = lines.number();
  }
  traceback::Reading reading = reader.finish(lines.complete());
  model::Evidence evidence;
  evidence.go_version = std::move(reading.go_version);
  evidence.time_ns = reading.time_ns;
  evidence.log = std::move(reading.log);
  evidence.log->last = {.text = symbols.intern(shorten(last, 400)), .number = last_number};
  evidence.kind = kind_of(*evidence.log, symbols);

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
  model::Counts log_lines{
      .what = "lines", .read = evidence.log->lines, .kept = reading.lines_in_tracebacks + races.report_lines};
  log_lines.skip("inside a traceback, of no known form", reading.lines_odd);
  const auto& runtime = evidence.log->runtime;
  log_lines.kept += runtime.lines - runtime.torn - runtime.repeated;
  log_lines.skip("of GODEBUG, torn", runtime.torn);
  log_lines.skip("of GODEBUG, told twice", runtime.repeated);
  log_lines.skip("ordinary or blank",
                 log_lines.read - log_lines.kept - runtime.torn - runtime.repeated - reading.lines_odd);
  evidence.counts.push_back(std::move(log_lines));
  return evidence;
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
};

constinit const Decoder kGoroutineDump{
    .name = "goroutine-dump",
    .title = "goroutine dump",
    .summary = "goroutines with full stacks: /debug/pprof/goroutine?debug=2, runtime.Stack, a SetCrashOutput file",
    .sniff = sniff_dump,
    .decode = decode,
};

}  // namespace gopsy::decode
