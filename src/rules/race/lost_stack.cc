#include <algorithm>

#include "rules/catalog.h"
#include "rules/race/race_rule.h"
#include "rules/race/words.h"

namespace gopsy::rules {
namespace {

void run(Inquiry& inquiry, std::vector<Finding>& findings) {
  for (const analyze::Race& race : inquiry.races) {
    const auto& variant = race.front();
    const auto lost =
        std::ranges::find_if(variant.sides, [](const analyze::RaceSide& side) { return side.access->stack.lost; });
    if (!race.lost_stack || lost == variant.sides.end()) continue;
    const auto& symbols = inquiry.incident.symbols;
    const auto& other = lost == variant.sides.begin() ? variant.sides[1] : variant.sides[0];
    Finding finding{.confidence = 0.98};
    finding.title =
        fmt::format("The stack of one side of a data race is gone; the other is {}", place_of(other, symbols));
    finding.why =
        "The detector keeps the last accesses of each goroutine in a ring; between the two sides of this race the "
        "goroutine made so many that its entry was overwritten (\"failed to restore the stack\").";
    finding.evidence.push_back(
        {.text = fmt::format("the {} by {} has no stack", operation_of(*lost, symbols), goroutine_of(*lost)),
         .path = variant.evidence->path,
         .line = lost->access->log_line,
         .goroutine = lost->access->goroutine});
    if (lost->go_statement != nullptr)
      finding.evidence.push_back(
          {.text = fmt::format("that goroutine was created by {}", at(symbols, *lost->go_statement)),
           .path = variant.evidence->path,
           .line = lost->go_statement->log_line,
           .goroutine = lost->access->goroutine});
    finding.confirm = "The same race, run again with the longer history, prints both stacks.";
    finding.fix =
        "Run with GORACE=history_size=7, the largest: 4 M accesses a goroutine are kept (32 K * 2^7; the default of 1 "
        "keeps 64 K), for as much more memory. If it is still lost, let the suspected sides meet sooner: less work "
        "between them.";
    finding.next = "GORACE=history_size=7 go test -race ./...";
    findings.push_back(std::move(finding));
  }
}

}  // namespace

constinit const Rule kRaceLostStack{
    .id = "race.lost-stack",
    .severity = Severity::Info,
    .summary = "one side's stack is gone: how to get it",
    .run = run,
};

}  // namespace gopsy::rules
