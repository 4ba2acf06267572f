#include <string_view>
#include <vector>

#include "rules/catalog.h"
#include "rules/leak/words.h"

namespace gopsy::rules {
namespace {

constexpr std::size_t kWritersShown = 4;
constexpr std::string_view kWhy =
    "The readLoop of a client connection stands in its own select only between the head of a response and the end of "
    "its body. An idle connection waits for I/O instead, so these bodies were neither read to their end nor closed. "
    "More of them are open than goroutines in the dump could be reading. Each keeps a connection, two goroutines and "
    "a file descriptor, and the next request dials a new one.";
constexpr std::string_view kFix =
    "After the error check: `defer resp.Body.Close()`; to reuse the connection also read it to the end: "
    "`io.Copy(io.Discard, resp.Body)`. Share one http.Client and Transport. The linter bodyclose finds the places.";

void run(Inquiry& inquiry, std::vector<Finding>& findings) {
  const auto& symbols = inquiry.incident.symbols;
  std::vector<const LeakPlace*> writers;
  for (const LeakPlace& place : inquiry.leaks)
    if (place.kind == LeakKind::HttpBody && writers.size() < kWritersShown &&
        symbols.text(place.at.largest().place.function).ends_with(".writeLoop"))
      writers.push_back(&place);
  for (const LeakPlace& place : inquiry.leaks) {
    const auto& site = place.at.largest();
    if (place.kind != LeakKind::HttpBody || !symbols.text(site.place.function).ends_with(".readLoop")) continue;
    Finding finding = about(inquiry, place);
    const std::uint64_t bodies = count_of(place);
    finding.confidence = bodies < 10 ? 0.65 : 0.85;
    std::uint64_t loops = bodies;
    for (const LeakPlace* writer : writers) {
      loops += count_of(*writer);
      add_evidence(writer->at, symbols, finding);
    }
    finding.title = fmt::format("{} not closed: {} wait for their readers in {}{}",
                                counted(bodies, "response body is", "response bodies are"), counted(loops, "goroutine"),
                                where(symbols, site), counts_by_input(place.at));
    finding.why = kWhy;
    finding.fix = kFix;
    findings.push_back(std::move(finding));
  }
  for (const LeakStack& stack : inquiry.leak_stacks) {
    if (stack.kind != LeakKind::HttpBody) continue;
    Finding finding = about(inquiry, stack);
    const auto bodies = static_cast<std::uint64_t>(stack.count);
    finding.confidence = bodies < 10 ? 0.6 : 0.8;
    finding.title = fmt::format("{} not closed: as many readLoop goroutines wait for their readers in {}",
                                counted(bodies, "response body is", "response bodies are"), where(symbols, stack));
    finding.why = kWhy;
    finding.fix = kFix;
    findings.push_back(std::move(finding));
  }
}

}  // namespace

constinit const Rule kHttpBody{
    .id = "leak.http-body",
    .severity = Severity::Warning,
    .summary = "response bodies not closed: readLoop/writeLoop pairs",
    .run = run,
};

}  // namespace gopsy::rules
