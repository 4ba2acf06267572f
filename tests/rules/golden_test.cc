#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "rules/rule.h"
#include "support/diagnosis.h"
#include "support/golden.h"

namespace gopsy::rules {
namespace {

// tests/golden/rules/ID/: fires-NAME.txt (or a folder of inputs) with NAME.want, and near-miss-NAME.txt.
struct Case {
  const Rule* rule;
  std::string path;  // relative to tests/golden

  [[nodiscard]] std::string name() const { return path.substr(path.rfind('/') + 1); }
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.path; }

std::vector<std::string> inputs_of(const Rule& rule, std::string_view prefix) {
  const std::string folder = "rules/" + std::string(rule.id);
  return std::filesystem::is_directory(test::golden_path(folder)) ? test::golden_inputs(folder, prefix)
                                                                  : std::vector<std::string>{};
}

std::vector<Case> cases(std::string_view prefix) {
  std::vector<Case> found;
  for (const Rule* rule : rules())
    for (std::string& path : inputs_of(*rule, prefix)) found.push_back({.rule = rule, .path = std::move(path)});
  return found;
}

std::string test_name(const testing::TestParamInfo<Case>& info) {
  std::string name = std::string(info.param.rule->id) + "_" + info.param.name();
  std::ranges::replace_if(name, [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; }, '_');
  return name;
}

test::Diagnosis diagnose_case(const Case& c) {
  const std::string path = test::golden_path(c.path);
  return test::diagnose_files({path}, path.substr(0, path.rfind('/') + 1));
}

class Fires : public testing::TestWithParam<Case> {};
class NearMiss : public testing::TestWithParam<Case> {};

TEST_P(Fires, AndReadsAsTheWantFileSays) {
  const auto diagnosis = diagnose_case(GetParam());
  std::string text;
  for (const auto& finding : diagnosis.findings)
    if (finding.id == GetParam().rule->id) text += (text.empty() ? "" : "\n") + test::finding_text(finding);
  EXPECT_FALSE(text.empty()) << "found " << diagnosis.ids();
  EXPECT_TRUE(test::matches_golden(GetParam().path + ".want", text));
}

TEST_P(NearMiss, DoesNotFire) {
  const auto diagnosis = diagnose_case(GetParam());
  const auto* finding = diagnosis.find(GetParam().rule->id);
  EXPECT_EQ(finding, nullptr) << test::finding_text(*finding);
  EXPECT_FALSE(diagnosis.incident.evidence.empty()) << "the input was not read";
}

INSTANTIATE_TEST_SUITE_P(Rules, Fires, testing::ValuesIn(cases("fires-")), test_name);
INSTANTIATE_TEST_SUITE_P(Rules, NearMiss, testing::ValuesIn(cases("near-miss-")), test_name);

TEST(RuleGoldens, EveryRuleHasAnInputThatFiresAndOneThatNearlyDoes) {
  for (const Rule* rule : rules()) {
    EXPECT_FALSE(inputs_of(*rule, "fires-").empty()) << rule->id;
    EXPECT_FALSE(inputs_of(*rule, "near-miss-").empty()) << rule->id;
  }
}

TEST(RuleGoldens, BelongToARuleThatExists) {
  for (const auto& entry : std::filesystem::directory_iterator(test::golden_path("rules")))
    EXPECT_NE(find_rule(entry.path().filename().string()), nullptr) << entry.path();
}

}  // namespace
}  // namespace gopsy::rules
