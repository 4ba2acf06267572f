#include "rules/catalog.h"
#include "rules/explain.h"

namespace gopsy::rules {
namespace {

bool explain(const Crash& crash, Finding& finding) {
  finding.title = fmt::format("The process was asked to end: {}", crash.text);
  finding.why =
      "SIGTERM, SIGINT and SIGHUP are how supervisors and terminals end a process; the runtime dies of them without a "
      "fault of the program.";
  finding.confirm = "The supervisor's log at that time: a deployment, a scale-down, a failed liveness probe.";
  finding.fix = "Handle the signal with signal.NotifyContext and shut down in order, if requests are lost.";
  return true;
}

void run(Inquiry& inquiry, std::vector<Finding>& findings) {
  run_crash_rule<CrashKind::Terminated, explain>(inquiry, findings);
  for (const auto& evidence : inquiry.incident.evidence) {
    if (!evidence.log) continue;
    for (const auto& notice : evidence.log->notices) {
      const std::string_view text = inquiry.incident.symbols.text(notice.text);
      if (text != "signal: terminated" && text != "signal: interrupt" && text != "signal: hangup") continue;
      Finding finding{.confidence = 0.9};
      finding.title = fmt::format("The process was asked to end ({})", text);
      finding.why =
          "The wrapper that started it (go run, a shell, a supervisor) reports the signal it died of. It is an orderly "
          "end from outside.";
      finding.evidence.push_back({.text = std::string(text), .path = evidence.path, .line = notice.number});
      finding.confirm = "The supervisor's log at that time.";
      finding.fix = "Handle the signal with signal.NotifyContext and shut down in order, if requests are lost.";
      finding.next = "journalctl -u UNIT --since '10 min ago'";
      findings.push_back(std::move(finding));
    }
  }
}

}  // namespace

constinit const Rule kTerminated{
    .id = "exit.terminated",
    .severity = Severity::Info,
    .summary = "SIGTERM or another orderly end",
    .run = run,
};

}  // namespace gopsy::rules
