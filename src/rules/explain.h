#pragma once

#include <string>
#include <string_view>

#include "analyze/blocked_sites.h"
#include "analyze/crash.h"
#include "base/format.h"
#include "base/text.h"
#include "base/units.h"
#include "model/wait_facts.h"
#include "rules/inquiry.h"
#include "rules/rule.h"

namespace gopsy::rules {

using analyze::Crash;
using analyze::CrashKind;

/// Of a panic chain, how many values are quoted.
constexpr std::size_t kLinksShown = 6;

/// "store.(*T).M at /src/store/t.go:42", or just the name where no line is known.
std::string at(const model::Symbols& symbols, const model::TracebackFrame& frame);
std::string at(const model::Symbols& symbols, const model::RaceFrame& frame);

/// The same for the place a crash names; "an unprinted frame" if the log has no stack.
std::string place_of(const Crash& crash);

/// The first line of a value that may have several, with " …" where it goes on; at most `most` bytes.
std::string one_line(std::string_view text, std::size_t most);

/// A frame as an exhibit: its text, the line of the log, the goroutine.
Exhibit exhibit(const Crash& crash, const model::TracebackFrame& frame, std::string_view role);

/// A blocked place as evidence: for each traceback that has it, how many goroutines and the first ids;
/// then who created them.
void add_evidence(const analyze::BlockedPlace& place, const model::Symbols& symbols, Finding& finding);

/// " (207 in goroutines.txt, 228 in app.log)" where several tracebacks have the place; else nothing.
std::string counts_by_input(const analyze::BlockedPlace& place);

/// "chan send", "a Mutex", …: what is waited for, in the words of a header.
std::string_view words_of(model::WaitKind wait);

/// A finding about a crash with the words of the runtime, the signal, the place and the creator as evidence.
Finding about(const Crash& crash, double confidence);

/// What memory says of the calls deferred on the panicking stack: "none of the 3 calls deferred on its stack calls
/// recover". Empty where there was no panic, or no memory.
std::string deferred_words(const Crash& crash);

/// The first deferred call on the panicking stack that calls a function with a recover, which cannot work; null: none.
const model::DeferredCall* recover_too_deep(const Crash& crash);

/// Adds how much of each profile at hand passes through the place of the crash.
void add_profile_shares(Inquiry& inquiry, const Crash& crash, Finding& finding);

/// Adds what a trace of the same process knows of the goroutine that crashed, in one line a trace.
void add_trace_words(Inquiry& inquiry, const Crash& crash, Finding& finding);

/// A path or pattern as one word of a POSIX shell.
std::string shell_word(std::string_view text);

/// A regular expression that matches exactly this text: for the filters of a next command.
std::string regex_of(std::string_view text);

/// `gopsy flame LOG -o crash.svg`: the picture of the stacks in the log of this crash.
std::string flame_command(const Crash& crash);

/// The body of every rule that explains one kind of crash: finds the crashes that ended a process,
/// starts a finding for each, and lets `explain` fill in title, why, confirm, fix and next.
/// `explain` returns false where the crash is another rule's.
template <CrashKind kKind, bool (*explain)(const Crash&, Finding&)>
void run_crash_rule(Inquiry& inquiry, std::vector<Finding>& findings) {
  for (const Crash& crash : inquiry.crashes) {
    if (crash.kind != kKind || !crash.traceback->fatal_end()) continue;
    Finding finding = about(crash, 0.97);
    if (!explain(crash, finding)) continue;
    add_profile_shares(inquiry, crash, finding);
    add_trace_words(inquiry, crash, finding);
    findings.push_back(std::move(finding));
  }
}

/// A row for such a rule.
template <CrashKind kKind, bool (*explain)(const Crash&, Finding&)>
constexpr Rule crash_rule(std::string_view id, Severity severity, std::string_view summary) {
  return {.id = id, .severity = severity, .summary = summary, .run = run_crash_rule<kKind, explain>};
}

}  // namespace gopsy::rules
