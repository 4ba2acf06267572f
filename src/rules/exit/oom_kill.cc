#include "rules/catalog.h"
#include "rules/explain.h"

namespace gopsy::rules {
namespace {

void run(Inquiry& inquiry, std::vector<Finding>& findings) {
  for (const auto& evidence : inquiry.incident.evidence) {
    if (!evidence.log) continue;
    for (const auto& notice : evidence.log->notices) {
      const std::string_view text = inquiry.incident.symbols.text(notice.text);
      if (text != "signal: killed" && text != "exit status 137") continue;
      Finding finding{.confidence = 0.75};
      finding.title = "The process was killed with SIGKILL, most likely for its memory";
      finding.why =
          "SIGKILL cannot be caught, so the process itself printed nothing. The kernel's OOM killer and container "
          "limits send it; so does an operator or a supervisor whose patience ended.";
      finding.evidence.push_back({.text = std::string(text), .path = evidence.path, .line = notice.number});
      finding.confirm =
          "`dmesg` shows oom-kill lines; memory.events of the cgroup counts oom_kill; the pod's last state says "
          "OOMKilled.";
      finding.fix = "Set GOMEMLIMIT to about 90 % of the container's limit, and find the growth in heap profiles.";
      finding.next = "dmesg --ctime | grep -i -A2 'oom-kill\\|Killed process'";
      findings.push_back(std::move(finding));
    }
  }
}

}  // namespace

constinit const Rule kOomKill{
    .id = "kill.oom",
    .severity = Severity::Critical,
    .summary = "killed without a word: memory limit, or SIGKILL",
    .run = run,
};

}  // namespace gopsy::rules
