#include "rules/catalog.h"
#include "rules/explain.h"

namespace gopsy::rules {
namespace {

std::string limit_words(const Crash& crash) {
  return crash.traceback->lead.empty() ? std::string(crash.text)
                                       : std::string(crash.name(crash.traceback->lead.front().text));
}

bool explain(const Crash& crash, Finding& finding) {
  finding.title = fmt::format("Too many OS threads: {}", limit_words(crash));
  finding.why =
      "Goroutines in blocking system calls or cgo calls, and those locked to their thread, keep a thread each. Their "
      "number met the limit that the first line names: debug.SetMaxThreads (10,000 unless set), ulimit -u, or the pids "
      "limit of the container.";
  finding.confirm =
      "Count goroutines in [syscall] and \"locked to thread\" in a dump, and look at the threadcreate profile.";
  finding.fix =
      "Bound the number of concurrent blocking calls with a semaphore; raise pids.max or ulimit -u only if the number "
      "is intended.";
  return true;
}

}  // namespace

constinit const Rule kThreadLimit =
    crash_rule<CrashKind::ThreadLimit, explain>("crash.thread-limit", Severity::Critical, "too many OS threads");

}  // namespace gopsy::rules
