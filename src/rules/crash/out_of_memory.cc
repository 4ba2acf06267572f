#include <optional>

#include "rules/catalog.h"
#include "rules/explain.h"

namespace gopsy::rules {
namespace {

struct Request {
  std::uint64_t bytes = 0;
  std::uint64_t in_use = 0;
};

// "runtime: out of memory: cannot allocate 67108864-byte block (272302080 in use)"
std::optional<Request> request_of(const Crash& crash) {
  for (const model::LogLine& lead : crash.traceback->lead) {
    std::string_view text = crash.name(lead.text);
    if (!consume(text, "runtime: out of memory: cannot allocate ")) continue;
    Request request{.bytes = consume_decimal(text).value_or(0)};
    if (consume(text, "-byte block (")) request.in_use = consume_decimal(text).value_or(0);
    return request;
  }
  return std::nullopt;
}

bool explain(const Crash& crash, Finding& finding) {
  const auto request = request_of(crash);
  finding.title = fmt::format("Out of memory in {}", place_of(crash));
  finding.why =
      "The operating system refused the runtime's request for memory: an address-space limit (ulimit -v), overcommit "
      "turned off, or a cgroup that denies the mapping. (A cgroup's OOM killer would have left no message.)";
  if (request) {
    finding.title +=
        fmt::format(": {} asked for with {} in use", human_bytes(request->bytes), human_bytes(request->in_use));
    finding.why +=
        request->bytes > request->in_use && request->bytes >= (std::uint64_t{1} << 30)
            ? " One single request was larger than all memory in use: suspect its size (a length from input), not a "
              "leak."
            : " The request was ordinary and the heap was already large: suspect growth, not this allocation.";
  } else if (crash.user != nullptr) {
    finding.why += " The frame named is the allocation that failed: if it asks for one huge block, suspect its size.";
  }
  finding.confirm = "Compare heap profiles taken before the end; look at the size of the allocation on the named line.";
  finding.fix =
      "Cap sizes that come from input; set GOMEMLIMIT below the container's limit so that the collector works harder "
      "before the end; fix the growth the profiles show.";
  finding.next = "go tool pprof -sample_index=inuse_space http://HOST/debug/pprof/heap";
  return true;
}

}  // namespace

constinit const Rule kOutOfMemory = crash_rule<CrashKind::OutOfMemory, explain>(
    "crash.out-of-memory", Severity::Critical,
    "the runtime could not get memory: huge request or growth, with the size");

}  // namespace gopsy::rules
