#include "rules/catalog.h"
#include "rules/panic/chain.h"

namespace gopsy::rules {
namespace {

void run(Inquiry& inquiry, std::vector<Finding>& findings) {
  for (const Crash& crash : inquiry.crashes) {
    const auto& panics = crash.traceback->panics;
    if (!crash.traceback->fatal_end() || panics.size() < 2 || panics.front().recovered) continue;
    // Where the first panic is the runtime's, the rule of that kind names the root cause and comes first.
    Finding finding = about(crash, crash.kind == CrashKind::ExplicitPanic ? 0.96 : 0.9);
    finding.title =
        fmt::format("{} panics on top of each other: {}; the first is the cause", panics.size(), chain_text(crash));
    finding.why = fmt::format(
        "While the panic {} was unwinding, a deferred call panicked again. The process ended with the newest, but the "
        "oldest started it: its place is below the lowest `panic(` frame, in {}.",
        chain_text(crash).substr(0, chain_text(crash).find(" → ")), place_of(crash));
    if (!crash.frames.empty())
      finding.evidence.push_back(exhibit(crash, crash.frames.front(), "newest panic raised in"));
    finding.confirm = "The deferred functions between the `panic(` frames are the ones that failed while cleaning up.";
    finding.fix =
        "Fix the first panic; then make the deferred calls safe when the state they clean up is half built (nil "
        "checks, no second close, no unlock of what was not locked).";
    add_profile_shares(inquiry, crash, finding);
    findings.push_back(std::move(finding));
  }
}

}  // namespace

constinit const Rule kPanicInDeferred{
    .id = "panic.in-deferred",
    .severity = Severity::Critical,
    .summary = "a deferred call panicked while another panic was running: the chain, oldest first",
    .run = run,
};

}  // namespace gopsy::rules
