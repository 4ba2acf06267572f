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
    const bool empty_select = site.wait == model::WaitKind::SelectNoCases;
    if (!empty_select && site.wait != model::WaitKind::ChanReceiveNil && site.wait != model::WaitKind::ChanSendNil)
      continue;
    // Where the runtime reported the deadlock itself, that report is explained above. `select {}` in main is how
    // programs keep the process alive.
    if (site.traceback->cause == model::Cause::Fatal || (empty_select && site.created_by.none())) continue;
    // The process lives; some of its goroutines are lost to it.
    Finding finding{.severity = Severity::Warning, .confidence = empty_select ? 0.9 : 0.95};
    // Parked while the function that started it goes on: perhaps on purpose, as to keep a thread locked.
    if (empty_select && site.orphans == 0) finding.severity = Severity::Info;
    finding.title =
        fmt::format("{} {} for ever in {}{}", counted(site.goroutines.size(), "goroutine waits", "goroutines wait"),
                    empty_select ? "in a select without cases" : "on a nil channel",
                    at(inquiry.incident.symbols, site.place), counts_by_input(place));
    finding.why =
        empty_select
            ? "`select {}` parks its goroutine for good; it and all it references stay until the process ends. "
              "Only main has a reason to do that."
            : "The runtime prints \"(nil chan)\": the channel was never made. Such an operation never ends; its "
              "goroutine and all it references stay until the process ends.";
    add_evidence(place, inquiry.incident.symbols, finding);
    finding.confirm = "The state in the dump is the proof.";
    finding.fix = empty_select
                      ? "Let the goroutine return, or wait for what should end it: a context, a closed channel."
                      : "Make the channel before the goroutines that use it start.";
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
