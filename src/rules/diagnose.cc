#include <algorithm>
#include <cmath>
#include <tuple>

#include "base/format.h"
#include "rules/rule.h"

namespace gopsy::rules {
namespace {

constexpr std::size_t kExhibitsOfRepeats = 12;

// A crash loop writes the same end many times: one finding, counted, with the places of the first few.
void merge_repeats(std::vector<Finding>& findings, std::size_t from) {
  std::vector<std::pair<std::size_t, unsigned>> kept;
  for (std::size_t i = from; i < findings.size(); ++i) {
    const auto same =
        std::ranges::find_if(kept, [&](const auto& k) { return findings[k.first].title == findings[i].title; });
    if (same == kept.end()) {
      kept.emplace_back(i, 1);
      continue;
    }
    ++same->second;
    auto& evidence = findings[same->first].evidence;
    if (evidence.size() < kExhibitsOfRepeats && !findings[i].evidence.empty())
      evidence.push_back(findings[i].evidence.front());
  }
  std::size_t to = from;
  for (const auto& [index, times] : kept) {
    if (to != index) findings[to] = std::move(findings[index]);
    if (times > 1) findings[to].title += fmt::format(" ({} times)", times);
    ++to;
  }
  findings.resize(to);
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
  std::vector<Finding> findings;
  for (const Rule* rule : rules()) {
    const std::size_t before = findings.size();
    rule->run(incident, findings);
    for (std::size_t i = before; i < findings.size(); ++i) {
      findings[i].id = rule->id;
      // Two decimals are more than anyone can tell apart; the rest is noise of the arithmetic.
      findings[i].confidence = std::round(findings[i].confidence * 100) / 100;
      findings[i].severity = std::min(findings[i].severity, rule->severity);
    }
    merge_repeats(findings, before);
  }
  std::ranges::stable_sort(findings, std::ranges::greater{},
                           [](const Finding& f) { return std::tuple(f.severity, f.confidence); });
  return findings;
}

}  // namespace gopsy::rules
