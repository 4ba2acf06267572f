#include <algorithm>
#include <cmath>
#include <tuple>
#include <unordered_map>

#include "base/format.h"
#include "base/units.h"
#include "rules/inquiry.h"
#include "rules/rule.h"

namespace gopsy::rules {
namespace {

constexpr std::size_t kExhibitsOfRepeats = 12;
constexpr std::size_t kFindingsOfOneRule = 100;

// A crash loop writes the same end many times: one finding, counted, with the places of the first few.
void merge_repeats(std::vector<Finding>& findings, std::size_t from) {
  std::unordered_map<std::string, std::size_t> by_title;  // -> findings
  std::vector<std::uint64_t> times;
  std::size_t to = from;
  for (std::size_t i = from; i < findings.size(); ++i) {
    const auto [found, is_new] = by_title.try_emplace(findings[i].title, to);
    if (is_new) {
      if (to != i) findings[to] = std::move(findings[i]);
      times.push_back(1);
      ++to;
      continue;
    }
    ++times[found->second - from];
    auto& evidence = findings[found->second].evidence;
    if (evidence.size() < kExhibitsOfRepeats && !findings[i].evidence.empty())
      evidence.push_back(findings[i].evidence.front());
  }
  findings.resize(to);
  for (std::size_t i = from; i < to; ++i)
    if (times[i - from] > 1) findings[i].title += fmt::format(" ({} times)", with_commas(times[i - from]));
}

// A log of a hundred thousand different ends is not read one by one. What is left out is counted.
void keep_first(std::vector<Finding>& findings, std::size_t from, const Rule& rule) {
  if (findings.size() - from <= kFindingsOfOneRule) return;
  const std::size_t more = findings.size() - from - kFindingsOfOneRule;
  Finding rest = findings[from + kFindingsOfOneRule];
  rest.title = fmt::format("{} of the kind {} at other places; the first of them is here",
                           counted(more, "more finding"), rule.id);
  findings.resize(from + kFindingsOfOneRule);
  findings.push_back(std::move(rest));
}

}  // namespace

std::string_view name_of(Severity severity) {
  switch (severity) {
    case Severity::Info: return "info";
    case Severity::Warning: return "warning";
    case Severity::Critical: break;
  }
  return "critical";
}

std::vector<Finding> diagnose(model::Incident& incident) {
  Inquiry inquiry(incident);
  std::vector<Finding> findings;
  for (const Rule* rule : rules()) {
    const std::size_t before = findings.size();
    rule->run(inquiry, findings);
    for (std::size_t i = before; i < findings.size(); ++i) {
      findings[i].id = rule->id;
      // Two decimals are more than anyone can tell apart; the rest is noise of the arithmetic.
      findings[i].confidence = std::round(findings[i].confidence * 100) / 100;
      findings[i].severity = std::min(findings[i].severity, rule->severity);
    }
    merge_repeats(findings, before);
    keep_first(findings, before, *rule);
  }
  std::ranges::stable_sort(findings, std::ranges::greater{},
                           [](const Finding& f) { return std::tuple(f.severity, f.confidence); });
  return findings;
}

}  // namespace gopsy::rules
