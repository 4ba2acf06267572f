#include <algorithm>

#include "rules/catalog.h"
#include "rules/explain.h"

namespace gopsy::rules {
namespace {

// What the go statement started: the outermost frame that is the program's own, else the outermost one.
std::string started_function(const Crash& crash) {
  const model::TracebackFrame* own = nullptr;
  const model::TracebackFrame* outermost = nullptr;
  for (const auto& frame : crash.frames) {
    if (crash.function(frame) == "runtime.goexit") continue;
    outermost = &frame;
    if (!model::is_standard_library(crash.function(frame))) own = &frame;
  }
  const auto* started = own != nullptr ? own : outermost;
  return started == nullptr ? "a goroutine of its own" : model::short_function(crash.function(*started));
}

// A test's goroutine has a recover, testing.tRunner's: it reports the failure and panics again on purpose.
bool is_test(const Crash& crash) {
  return std::ranges::any_of(crash.frames,
                             [&](const auto& frame) { return crash.function(frame) == "testing.tRunner"; });
}

void run(Inquiry& inquiry, std::vector<Finding>& findings) {
  for (const Crash& crash : inquiry.crashes) {
    const auto* goroutine = crash.goroutine;
    if (crash.traceback->cause != model::Cause::Panic || goroutine == nullptr || goroutine->created_by.none() ||
        crash.kind == CrashKind::TestTimeout || is_test(crash))
      continue;
    Finding finding = about(crash, 0.9);
    const std::string_view creator = crash.name(goroutine->created_by);
    const bool recovered = !crash.traceback->panics.empty() && crash.traceback->panics.front().recovered;
    finding.title = fmt::format("{} {} (started by {}): its panic ended the whole process",
                                recovered ? "The recover panicked again in" : "Nothing recovers in",
                                started_function(crash), model::short_function(creator));
    finding.why = fmt::format(
        "The panic \"{}\" was not on the main goroutine. Whoever started this one ({} at {}:{}) cannot catch it; only "
        "a call deferred inside it could, and {}.",
        one_line(crash.text, 80), creator, crash.name(goroutine->created_file), goroutine->created_line,
        recovered ? "the one that did panicked again" : "none did");
    if (creator.starts_with("time.")) finding.why += " It runs a function given to time.AfterFunc.";
    if (creator.starts_with("runtime."))
      finding.why += " It belongs to the runtime and ran a finalizer or cleanup of the program.";
    finding.confirm = "Confirmed if the function started there has no deferred recover.";
    finding.fix =
        "Start such goroutines through one function that defers a recover, logs debug.Stack() and hands the error back "
        "to whoever waits for the result.";
    findings.push_back(std::move(finding));
  }
}

}  // namespace

constinit const Rule kUnprotectedGoroutine{
    .id = "panic.unprotected-goroutine",
    .severity = Severity::Warning,
    .summary = "a panic ended the process from a goroutine without any recover: who started it",
    .run = run,
};

}  // namespace gopsy::rules
