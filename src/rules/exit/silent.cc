#include "rules/catalog.h"
#include "rules/explain.h"

namespace gopsy::rules {
namespace {

// "exit status 1" is go run's or a shell's word for the exit code; 2 with a crash in the log is that crash's.
bool exited_with_code(const model::Incident& incident, const model::Log& log) {
  for (const auto& notice : log.notices)
    if (incident.symbols.text(notice.text).starts_with("exit status ")) return true;
  return false;
}

// Words of an end. "failed to …" and "error" are not among them: a service that lives on logs those all day.
bool sounds_final(std::string_view line) {
  if (line.contains("non-fatal") || line.contains("nonfatal")) return false;
  for (const std::string_view word : {"fatal", "Fatal", "FATAL", "exiting", "shutting down", "cannot start"})
    if (line.contains(word)) return true;
  return false;
}

// log.Fatal leaves one ordinary line behind and nothing else; so does os.Exit after a log line. A log that
// holds a traceback has said why it ended, and one that is only runtime trace lines has not ended.
void run(Inquiry& inquiry, std::vector<Finding>& findings) {
  for (const auto& evidence : inquiry.incident.evidence) {
    if (!evidence.log || !evidence.log->tracebacks.empty() || evidence.log->last.number == 0) continue;
    // After a race report the runtime exits with GORACE's exitcode, 66: that is no silence.
    if (!evidence.log->races.reports.empty()) continue;
    const std::string_view last = inquiry.incident.symbols.text(evidence.log->last.text);
    const bool code = exited_with_code(inquiry.incident, *evidence.log);
    if (!code && !sounds_final(last)) continue;
    Finding finding{.confidence = code ? 0.8 : 0.6};
    finding.title = fmt::format("The log ends without a crash; its last word is \"{}\"", shorten(last, 120));
    finding.why =
        "No panic, fatal error, signal or dump stands in it. A process that ended here did so through os.Exit or "
        "log.Fatal (exit code 1), both of which skip deferred calls, or was killed from outside. A panic under `defer "
        "os.Exit(0)` leaves nothing at all, not even the exit code.";
    finding.evidence.push_back({.text = std::string(last), .path = evidence.path, .line = evidence.log->last.number});
    finding.confirm =
        "The exit code tells: 1 is log.Fatal, 2 a panic whose text was lost, 137 a kill (memory limit), 139 or 136 a "
        "crash of a thread that Go does not know.";
    finding.fix = "Return errors up to main and exit there, once; log the reason with the exit code.";
    finding.next = "grep -rn 'os.Exit\\|log.Fatal' --include='*.go' .";
    findings.push_back(std::move(finding));
  }
}

}  // namespace

constinit const Rule kSilent{
    .id = "exit.silent",
    .severity = Severity::Warning,
    .summary = "the process ended without a trace: os.Exit in a deferred call, log.Fatal, exit code",
    .run = run,
};

}  // namespace gopsy::rules
