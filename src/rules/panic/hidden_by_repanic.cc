#include <algorithm>

#include "rules/catalog.h"
#include "rules/panic/chain.h"

namespace gopsy::rules {
namespace {

void run(Inquiry& inquiry, std::vector<Finding>& findings) {
  for (const Crash& crash : inquiry.crashes) {
    const auto& panics = crash.traceback->panics;
    if (!crash.traceback->fatal_end() || panics.empty() || !panics.front().recovered) continue;
    // testing.tRunner recovers, marks the test as failed and panics again with the same value: nothing is hidden.
    if (!crash.frames.empty() && crash.function(crash.frames.front()).starts_with("testing.tRunner")) continue;
    const bool same = std::ranges::all_of(panics, [&](const auto& panic) { return panic.text == panics.front().text; });
    Finding finding = about(crash, 0.9);
    finding.title = same ? fmt::format("A recover caught {} and panicked with it again",
                                       chain_text(crash).substr(0, chain_text(crash).find(" → ")))
                         : fmt::format("A recover hid the first panic: {}", chain_text(crash));
    finding.why = fmt::format(
        "The mark [recovered] on the first line says that a deferred call caught it and then panicked anew. The stack "
        "below the lowest `panic(` frame is that of the first one: it was raised in {}.",
        place_of(crash));
    if (!crash.frames.empty() && crash.root != &crash.frames.front())
      finding.evidence.push_back(exhibit(crash, crash.frames.front(), "panicked again in"));
    finding.confirm = "The frame above the lowest `panic(` is the recovering function.";
    finding.fix = same ? "Re-panicking costs nothing here since the first place is kept; if the recover only wants to "
                         "log, log debug.Stack() and let the process end, or handle the error."
                       : "Wrap instead of replacing: keep the first value in the second (%w), or log debug.Stack() "
                         "before panicking again.";
    findings.push_back(std::move(finding));
  }
}

}  // namespace

constinit const Rule kHiddenByRepanic{
    .id = "panic.hidden-by-repanic",
    .severity = Severity::Warning,
    .summary = "a recover and a second panic: the first one is the cause",
    .run = run,
};

}  // namespace gopsy::rules
