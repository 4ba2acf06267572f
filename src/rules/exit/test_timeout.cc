#include "rules/catalog.h"
#include "rules/explain.h"

namespace gopsy::rules {
namespace {

// The goroutine of a running test: its stack has a testing.tRunner below the test's own frames.
const model::TracebackFrame* test_frame(const Crash& crash, const model::Goroutine& goroutine) {
  const model::TracebackFrame* own = nullptr;
  for (const auto& frame : crash.traceback->frames_of(goroutine)) {
    if (crash.function(frame) == "testing.tRunner") return own;
    if (!model::is_standard_library(crash.function(frame))) own = &frame;
  }
  return nullptr;
}

bool explain(const Crash& crash, Finding& finding) {
  const std::string_view head = crash.text.substr(0, crash.text.find('\n'));
  finding.title = fmt::format("{}", head);
  finding.why =
      "The testing package ended the run because its -timeout passed; the tests that were still running are named "
      "under the panic (Go 1.20 and later), and their stacks say what they wait for.";
  std::size_t tests = 0;
  for (const auto& goroutine : crash.traceback->goroutines) {
    const auto* frame = test_frame(crash, goroutine);
    if (frame == nullptr) continue;
    finding.evidence.push_back({.text = fmt::format("goroutine {} [{}] runs {}", goroutine.id,
                                                    crash.name(goroutine.state), at(*crash.symbols, *frame)),
                                .path = crash.evidence->path,
                                .line = goroutine.log_line,
                                .goroutine = goroutine.id});
    if (++tests == 1)
      finding.title = fmt::format("{} in {} [{}]", head, model::short_function(crash.function(*frame)),
                                  crash.name(goroutine.state));
  }
  if (tests > 1) finding.title += fmt::format(" and {} more", tests - 1);
  finding.confirm = "The named goroutine's state and top frames are what the test waits for.";
  finding.fix =
      "Give the waits in the test a deadline of their own, with a message; raise -timeout only for tests that are slow "
      "by design.";
  return true;
}

}  // namespace

constinit const Rule kTestTimeout = crash_rule<CrashKind::TestTimeout, explain>(
    "test.timeout", Severity::Critical, "a test ran out of time: the test and what it waits for");

}  // namespace gopsy::rules
