#pragma once

#include <initializer_list>
#include <memory>
#include <string_view>
#include <vector>

#include "model/trace_facts.h"
#include "rules/rule.h"

namespace gopsy::test {

/// An incident of one trace whose facts a test writes down: for rules, just above and just below their thresholds.
class TraceFactsBuilder {
 public:
  static constexpr std::int64_t kMs = 1'000'000;
  static constexpr std::int64_t kSecond = 1'000'000'000;

  explicit TraceFactsBuilder(std::int64_t wall_ns) {
    facts.times.wall_ns = wall_ns;
    facts.ending.last_ns = wall_ns;
    facts.signs.threshold_ns = 10 * kMs;
    facts.signs.load.procs = 2;
  }

  model::TraceFacts facts;
  model::Incident incident;

  StringId text(std::string_view name) { return incident.symbols.intern(name); }

  /// A row of facts.stacks, leaf first.
  std::uint32_t stack(std::initializer_list<std::string_view> functions) {
    auto& stacks = facts.stacks;
    for (const std::string_view function : functions) {
      stacks.rows.push_back(static_cast<std::uint32_t>(stacks.places.size()));
      stacks.places.push_back(
          {.pc = stacks.places.size(),
           .frame = incident.symbols.frame({.function = text(function), .file = text("/src/main.go"), .line = 7})});
    }
    stacks.start.push_back(static_cast<std::uint32_t>(stacks.rows.size()));
    return static_cast<std::uint32_t>(stacks.size() - 1);
  }

  /// A goroutine that waits at the end, for that long. Ids count from 1.
  model::TraceEnding::Goroutine& waits(std::string_view reason, std::uint32_t stack, std::int64_t for_ns,
                                       std::string_view function = "main.worker", std::int64_t born_ns = 0) {
    auto& all = facts.ending.goroutines;
    const std::int64_t end_ns = facts.ending.last_ns;
    all.push_back({.id = all.size() + 1,
                   .creator = 1,
                   .born_ns = born_ns,
                   .function = text(function),
                   .now = {.begin_ns = end_ns - for_ns,
                           .end_ns = end_ns,
                           .stack = stack,
                           .reason = text(reason),
                           .state = model::GoState::Waiting,
                           .begun = model::TraceType::GoBlock},
                   .starts = 1});
    return all.back();
  }

  /// The finding of that rule, or null; `findings` has them all.
  const rules::Finding* find(std::string_view id) {
    incident.evidence.clear();
    model::Evidence evidence;
    evidence.path = "trace.out";
    evidence.trace.emplace().last_ns = facts.times.wall_ns;
    evidence.trace_facts = std::make_shared<const model::TraceFacts>(facts);
    incident.evidence.push_back(std::move(evidence));
    findings = rules::diagnose(incident);
    for (const auto& finding : findings)
      if (finding.id == id) return &finding;
    return nullptr;
  }

  std::vector<rules::Finding> findings;
};

}  // namespace gopsy::test
