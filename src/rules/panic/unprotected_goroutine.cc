#include "rules/catalog.h"
#include "rules/explain.h"

namespace gopsy::rules {
namespace {

void run(model::Incident& incident, std::vector<Finding>& findings) {
  for (const Crash& crash : analyze::crashes_of(incident)) {
    const auto* goroutine = crash.goroutine;
    if (crash.traceback->cause != model::Cause::Panic || goroutine == nullptr || goroutine->created_by.none() ||
        crash.kind == CrashKind::TestTimeout)
      continue;
    Finding finding = about(crash, 0.9);
    const std::string_view creator = crash.name(goroutine->created_by);
    finding.title = fmt::format("A panic in goroutine {} ended the whole process: nothing recovers in what {} started",
                                goroutine->id, model::short_function(creator));
    finding.why = fmt::format(
        "The panic \"{}\" was not on the main goroutine. Whoever started this one ({} at {}:{}) cannot catch it; only "
        "a call deferred inside it could, and none did.",
        shorten(crash.text, 80), creator, crash.name(goroutine->created_file), goroutine->created_line);
    if (creator.starts_with("time.")) finding.why += " It runs a function given to time.AfterFunc.";
    if (creator.starts_with("runtime."))
      finding.why += " It belongs to the runtime and ran a finalizer or cleanup of the program.";
    finding.confirm = "Confirmed if the function started there has no deferred recover.";
    finding.fix =
        "Start such goroutines through one function that defers a recover, logs debug.Stack() and reports the error; "
        "an errgroup of golang.org/x/sync that propagates panics does it too.";
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
