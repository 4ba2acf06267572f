#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <string>
#include <string_view>

#include "base/format.h"
#include "base/text.h"
#include "rules/rule.h"
#include "support/golden.h"

namespace gopsy::rules {
namespace {

const std::string kPages = test::source_path("docs/rules/");

std::string page_of(const Rule& rule) { return kPages + std::string(rule.id) + ".md"; }

// Paths of the recorded programs are left out in the documentation.
std::string without(std::string text, std::string_view words) {
  for (auto at = text.find(words); at != std::string::npos; at = text.find(words)) text.erase(at, words.size());
  return text;
}

TEST(RuleRegistry, HasUniqueIdsOfAGroupAndAName) {
  std::set<std::string_view> seen;
  for (const Rule* rule : rules()) {
    EXPECT_TRUE(seen.insert(rule->id).second) << rule->id << " twice";
    EXPECT_EQ(std::ranges::count(rule->id, '.'), 1) << rule->id;
    EXPECT_TRUE(std::ranges::all_of(rule->id, [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
    })) << rule->id;
  }
}

TEST(RuleRegistry, GivesEachRuleASummaryAndARun) {
  for (const Rule* rule : rules()) {
    EXPECT_FALSE(rule->summary.empty()) << rule->id;
    EXPECT_FALSE(rule->summary.ends_with('.')) << rule->id;
    EXPECT_NE(rule->run, nullptr) << rule->id;
    EXPECT_EQ(find_rule(rule->id), rule);
  }
}

TEST(RuleRegistry, FindsNoRuleThatIsNotThere) { EXPECT_EQ(find_rule("crash.of-no-kind"), nullptr); }

TEST(RulePages, ExistForEveryRuleWithAllTheirParts) {
  for (const Rule* rule : rules()) {
    ASSERT_TRUE(std::filesystem::exists(page_of(*rule))) << "write docs/rules/" << rule->id << ".md";
    const std::string page = test::read_file(page_of(*rule));
    EXPECT_TRUE(page.starts_with(fmt::format("# {}\n\n{}: {}\n", rule->id, name_of(rule->severity), rule->summary)))
        << rule->id;
    for (const std::string_view part : {"\n## Signature\n", "\n## Confidence\n", "\n## Confirm or refute\n",
                                        "\n## Fix\n", "\n## False alarms and misses\n", "\n## In the output\n"})
      EXPECT_TRUE(page.contains(part)) << rule->id << " lacks" << part;
  }
}

// The excerpt of a page begins with a finding's first line and its title: one that the goldens still have.
TEST(RulePages, ShowAnOutputThatStillHolds) {
  for (const Rule* rule : rules()) {
    std::string page = test::read_file(page_of(*rule));
    page.erase(0, page.find("\n## In the output\n"));
    std::ranges::replace(page, '\n', ' ');
    page = without(page, " ");
    bool holds = false;
    for (const std::string& path : test::golden_inputs("rules/" + std::string(rule->id), "fires-")) {
      const std::string want = test::read_file(test::golden_path(path + ".want"));
      const auto first = want.find('\n');
      const std::string title = want.substr(first + 1, want.find('\n', first + 1) - first - 1);
      holds |= page.contains(without(without(title, "/home/dev/crash/"), " "));
    }
    EXPECT_TRUE(holds) << rule->id << ": the excerpt's title is in none of its goldens";
  }
}

TEST(RulePages, AreListedInTheirIndexAsTheCommandListsThem) {
  std::string rows;
  for (const Rule* rule : rules())
    rows += fmt::format("| [{0}]({0}.md) | {1} | {2} |\n", rule->id, name_of(rule->severity), rule->summary);
  const std::string index = test::read_file(kPages + "README.md");
  EXPECT_EQ(index.substr(std::min(index.find("| ["), index.size())), rows);
}

TEST(RulePages, AreOfRulesThatExist) {
  for (const auto& entry : std::filesystem::directory_iterator(kPages)) {
    const std::string name = entry.path().stem().string();
    if (name != "README" && name != "coverage") {
      EXPECT_NE(find_rule(name), nullptr) << name;
    }
  }
}

}  // namespace
}  // namespace gopsy::rules
