#include "rules/catalog.h"
#include "rules/deadlock/deadlock_rule.h"

namespace gopsy::rules {
namespace {

void explain(const Crash& crash, const analyze::Deadlock& deadlock, Finding& finding) {
  const bool empty_select = deadlock.culprits.front().wait.kind == model::WaitKind::SelectNoCases;
  finding.confidence = 0.97;
  finding.title = empty_select ? fmt::format("A select without cases waits for ever in {}",
                                             waiting_functions(crash, deadlock.culprits))
                               : fmt::format("A nil channel is used in {}: that waits for ever",
                                             waiting_functions(crash, deadlock.culprits));
  finding.why = empty_select ? "`select {}` parks its goroutine for good, and every other goroutine has ended, so "
                               "nothing is left to do any work."
                             : "The runtime prints \"(nil chan)\": the channel variable or field was never made, and "
                               "an operation on a nil channel never ends.";
  finding.confirm = "The state in the log is the proof.";
  finding.fix = empty_select ? "Wait for something that can happen: the workers' WaitGroup, a signal, an error channel."
                             : "Make the channel before the goroutines that use it start; for a disabled select arm "
                               "keep another one that can fire.";
}

// A hang need not be reported (a timer or the network keeps the detector quiet): the state alone proves it.
void explain_in_dumps(const Inquiry& inquiry, std::vector<Finding>& findings) {
  for (const auto& place : inquiry.places) {
    const auto& site = place.largest();
    if (site.wait != model::WaitKind::ChanReceiveNil && site.wait != model::WaitKind::ChanSendNil) continue;
    // Where the runtime reported the deadlock itself, that report is explained above.
    if (site.traceback->cause == model::Cause::Fatal) continue;
    // The process lives; one goroutine is lost to it.
    Finding finding{.severity = Severity::Warning, .confidence = 0.95};
    finding.title = fmt::format("{} on a nil channel for ever in {}",
                                site.goroutines.size() == 1 ? std::string("A goroutine waits")
                                                            : fmt::format("{} goroutines wait", site.goroutines.size()),
                                at(inquiry.incident.symbols, site.place));
    finding.why =
        "The runtime prints \"(nil chan)\": the channel was never made. Such an operation never ends; its goroutine "
        "and all it references stay until the process ends.";
    add_evidence(place, inquiry.incident.symbols, finding);
    finding.confirm = "The state in the dump is the proof.";
    finding.fix = "Make the channel before the goroutines that use it start.";
    finding.next = fmt::format("gopsy flame {} -o goroutines.svg", shell_word(site.evidence->path));
    findings.push_back(std::move(finding));
  }
}

void run(Inquiry& inquiry, std::vector<Finding>& findings) {
  run_deadlock_rule<analyze::DeadlockKind::NilChannel, explain>(inquiry, findings);
  explain_in_dumps(inquiry, findings);
}

}  // namespace

constinit const Rule kNilChannel{
    .id = "deadlock.nil-channel",
    .severity = Severity::Critical,
    .summary = "a send or receive on a nil channel, or a select without a live arm, waits forever",
    .run = run,
};

}  // namespace gopsy::rules
