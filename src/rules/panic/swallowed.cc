#include "rules/catalog.h"
#include "rules/explain.h"

namespace gopsy::rules {
namespace {

void run(Inquiry& inquiry, std::vector<Finding>& findings) {
  for (const Crash& crash : inquiry.crashes) {
    if (crash.traceback->cause != model::Cause::Recovered) continue;
    Finding finding = about(crash, 0.9);
    const std::string what =
        crash.text.empty() ? std::string("a panic") : fmt::format("\"{}\"", shorten(crash.text, 120));
    finding.title = fmt::format("A recovered panic: {} in {}; the process lived on", what, place_of(crash));
    finding.why =
        "The log shows the stack of a panic without the header that ends a process: a deferred call recovered it and "
        "printed the stack (net/http does so for every handler). The request failed, and state that the panic left "
        "half changed, with locks held or counters off, is still there.";
    finding.confirm = "The frame above `panic(` printed it; the place is below.";
    finding.fix =
        "Fix the named line as if it had ended the process; count recovered panics in a metric and alert on it. "
        "Release locks with defer, so that a recovered panic does not leave them held.";
    add_profile_shares(inquiry, crash, finding);
    findings.push_back(std::move(finding));
  }
}

}  // namespace

constinit const Rule kSwallowed{
    .id = "panic.swallowed",
    .severity = Severity::Warning,
    .summary = "a recover (net/http, a middleware) hid a panic and the process lived on",
    .run = run,
};

}  // namespace gopsy::rules
