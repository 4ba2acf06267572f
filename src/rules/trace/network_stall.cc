#include <algorithm>
#include <array>
#include <utility>

#include "rules/catalog.h"
#include "rules/trace/traces.h"

namespace gopsy::rules {
namespace {

// From where on nobody calls it normal, wherever the other side is.
constexpr std::int64_t kLongNs = 1'000'000'000;
constexpr std::size_t kShown = 5;

// Waits that are for an answer to something: a server that waits for the next request is not among them.
constexpr auto kSigns = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"net.(*netFD).connect", "to be connected"},
    {"crypto/tls.(*Conn).HandshakeContext", "for a TLS handshake"},
    {"net.(*Resolver).LookupHost", "for a name server"},
    {"net.(*Resolver).exchange", "for a name server"},
    {"internal/poll.(*FD).Write", "to write: the other side does not read"},
    {"net/http.(*persistConn).roundTrip", "for an HTTP response"},
});

std::string_view sign_of(const Trace& trace, std::uint32_t stack) {
  for (const auto& [function, words] : kSigns)
    if (analyze::has_function(stack, function, trace.facts.stacks, trace.symbols)) return words;
  return {};
}

void explain(const Trace& trace, std::vector<Finding>& findings) {
  Finding finding{.confidence = 0.8};
  std::uint64_t count = 0;
  const model::TraceSigns::Wait* worst = nullptr;
  for (const auto& wait : trace.facts.signs.waits) {
    if (wait.over == 0) continue;
    const auto kind = trace.wait(wait.reason, wait.stack);
    if (kind != analyze::TraceWait::Network && kind != analyze::TraceWait::Select) continue;
    const auto sign = sign_of(trace, wait.stack);
    if (sign.empty()) continue;
    count += wait.over;
    if (worst == nullptr || wait.longest.length_ns() > worst->longest.length_ns()) worst = &wait;
    if (finding.evidence.size() < kShown)
      finding.evidence.push_back(
          trace.exhibit(fmt::format("{} {}: {} in all, the longest {}, {}, in {}", counted(wait.over, "wait"), sign,
                                    human_duration(wait.over_ns), human_duration(wait.longest.length_ns()),
                                    trace.moment(wait.longest.begin_ns), trace.place(wait.stack)),
                        wait.longest.goroutine));
  }
  if (worst == nullptr) return;
  const std::int64_t longest = worst->longest.length_ns();
  finding.severity = longest >= kLongNs ? Severity::Warning : Severity::Info;
  finding.title = fmt::format(
      "{} {} or longer {}; the longest {}", counted(count, "network wait took", "network waits took"),
      human_duration(trace.facts.signs.threshold_ns), sign_of(trace, worst->stack), human_duration(longest));
  finding.why = fmt::format(
      "The stack says what for: connecting, a handshake, a name server, a response, a write that finds no room. In "
      "none "
      "of these a goroutine idles, as in Accept or before the next request: somebody waits for it.{}",
      worst->longest.by == 0 && worst->longest.end_ns >= trace.facts.ending.last_ns ? " The longest has not ended."
                                                                                    : "");
  finding.confirm = "The same on the other side, or in a capture: when the request left, and when the answer came.";
  finding.fix = "A deadline or a context on every call; connections that are kept; a reader that keeps up.";
  finding.next = trace.command();
  findings.push_back(std::move(finding));
}

}  // namespace

constinit const Rule kTraceNetworkStall = trace_rule<explain>(
    "trace.network-stall", Severity::Warning, "goroutines wait long for an answer of the network: whose, and where");

}  // namespace gopsy::rules
