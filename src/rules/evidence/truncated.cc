#include "rules/catalog.h"
#include "rules/explain.h"

namespace gopsy::rules {
namespace {

// runtime/pprof's writeGoroutineStacks gives up growing its buffer here, and cuts the dump in mid-line.
constexpr std::uint64_t kDumpLimit = std::uint64_t{64} << 20;

void tell(const model::Evidence& evidence, std::uint32_t line, std::string why, std::vector<Finding>& findings) {
  Finding finding{.confidence = 0.95};
  finding.title = fmt::format("{} is cut off", evidence.path);
  finding.why = std::move(why);
  finding.evidence.push_back({.text = "the last that is there", .path = evidence.path, .line = line});
  finding.confirm =
      "Compare the size with the source's own limits (a 64 MiB debug=2 dump, a runtime.Stack buffer, a container's "
      "termination message of 4096 bytes, log lines of 16 KiB).";
  finding.fix =
      "Fetch it again in full, from the node's log file rather than through a viewer that trims; for a crash that was "
      "cut by its collector, debug.SetCrashOutput writes a second copy to a file.";
  finding.next = fmt::format("tail -c 300 {}", shell_word(evidence.path));
  findings.push_back(std::move(finding));
}

void run(Inquiry& inquiry, std::vector<Finding>& findings) {
  for (const auto& evidence : inquiry.incident.evidence) {
    // Of a trace trace.torn tells.
    if (!evidence.cut.empty() && !evidence.trace) tell(evidence, 0, evidence.cut, findings);
    if (!evidence.log) continue;
    for (const auto& traceback : evidence.log->tracebacks) {
      if (!traceback.cut) continue;
      const auto& last = traceback.goroutines.back();
      std::string why = fmt::format(
          "The text ends inside goroutine {} (line {}): {} read whole, the frames of the last one and any goroutine "
          "after it are missing.",
          last.id, traceback.last_line, counted(traceback.goroutines.size() - 1, "goroutine was", "goroutines were"));
      if (evidence.bytes >= kDumpLimit) why += " Its size is the 64 MiB at which debug=2 dumps are cut.";
      tell(evidence, traceback.last_line, std::move(why), findings);
    }
  }
}

}  // namespace

constinit const Rule kTruncated{
    .id = "evidence.truncated",
    .severity = Severity::Info,
    .summary = "the log, dump or profile was cut: where, and what is missing",
    .run = run,
};

}  // namespace gopsy::rules
