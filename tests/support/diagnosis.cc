#include "support/diagnosis.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "app/session.h"
#include "base/format.h"
#include "base/text.h"
#include "decode/log/log.h"
#include "support/golden.h"
#include "support/memory_facts.h"

namespace gopsy::test {
namespace {

void make_relative(std::string& path, std::string_view root) {
  if (std::string_view(path).starts_with(root)) path.erase(0, root.size());
}

}  // namespace

const rules::Finding* Diagnosis::find(std::string_view id) const {
  const auto found = std::ranges::find(findings, id, &rules::Finding::id);
  return found == findings.end() ? nullptr : &*found;
}

std::string Diagnosis::ids() const {
  std::vector<std::string> names;
  for (const auto& finding : findings) names.emplace_back(finding.id);
  return names.empty() ? "nothing" : join(names, ", ");
}

Diagnosis diagnose_files(const std::vector<std::string>& paths, std::string_view root) {
  Diagnosis diagnosis;
  Stats stats;
  app::load(paths, {.trace = {}}, diagnosis.incident, stats);
  // NAME.memory beside NAME: what the memory of that process says.
  for (auto& evidence : diagnosis.incident.evidence) {
    const std::string memory = evidence.path + ".memory";
    if (evidence.log && std::filesystem::exists(memory))
      EXPECT_EQ(attach_memory(read_file(memory), *evidence.log, diagnosis.incident.symbols), "");
  }
  for (auto& evidence : diagnosis.incident.evidence) make_relative(evidence.path, root);
  for (auto& unreadable : diagnosis.incident.unreadable) make_relative(unreadable.path, root);
  diagnosis.findings = rules::diagnose(diagnosis.incident);
  return diagnosis;
}

Diagnosis diagnose_text(std::string_view log) {
  Diagnosis diagnosis;
  auto evidence = decode::kCrashLog.decode(log, diagnosis.incident.symbols);
  EXPECT_TRUE(evidence);
  evidence->path = "app.log";
  evidence->format = decode::kCrashLog.name;
  evidence->bytes = log.size();
  diagnosis.incident.evidence.push_back(std::move(*evidence));
  diagnosis.findings = rules::diagnose(diagnosis.incident);
  return diagnosis;
}

std::string finding_text(const rules::Finding& finding) {
  std::string text = fmt::format("{} [{}, {:.2f}]\n{}\n\nwhy      {}\n", finding.id, rules::name_of(finding.severity),
                                 finding.confidence, finding.title, finding.why);
  for (const auto& exhibit : finding.evidence) {
    text += fmt::format("evidence {}", exhibit.path);
    if (exhibit.line != 0) text += fmt::format(":{}", exhibit.line);
    if (exhibit.goroutine != 0) text += fmt::format(" (goroutine {})", exhibit.goroutine);
    text += fmt::format(": {}\n", exhibit.text);
  }
  text += fmt::format("confirm  {}\nfix      {}\nnext     {}\n", finding.confirm, finding.fix, finding.next);
  return text;
}

std::string all_words(const std::vector<rules::Finding>& findings) {
  std::string words;
  for (const auto& finding : findings) words += finding_text(finding);
  return words;
}

}  // namespace gopsy::test
