#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "support/diagnosis.h"
#include "support/golden.h"

namespace gopsy {
namespace {

const std::string kCorpus = test::source_path("tests/corpus/");

// One row of EXPECTED.tsv for one Go version.
struct Row {
  std::string version;
  std::string kind;
  std::vector<std::string> accepted;
  std::string mentioned;
};

void PrintTo(const Row& row, std::ostream* out) { *out << row.version << '/' << row.kind; }

std::vector<Row> rows() {
  std::vector<Row> rows;
  const std::string table = test::read_file(kCorpus + "crash/EXPECTED.tsv");
  LineReader lines(table);
  lines.next();
  while (lines.next()) {
    const auto columns = split(lines.line(), '\t');
    for (const std::string_view version : {"go1.19", "go1.23", "go1.26", "go1.27"}) {
      Row row{.version = std::string(version), .kind = std::string(columns[0])};
      for (const std::string_view id : split(columns[1], '|')) row.accepted.emplace_back(id);
      if (columns.size() > 2) row.mentioned = columns[2];
      rows.push_back(std::move(row));
    }
  }
  return rows;
}

std::string name_of(const testing::TestParamInfo<Row>& info) {
  std::string name = info.param.version + "_" + info.param.kind;
  std::ranges::replace(name, '.', '_');
  return name;
}

class Expected : public testing::TestWithParam<Row> {};

TEST_P(Expected, IsTheFirstFindingAndNamesWhatItMust) {
  const Row& row = GetParam();
  const std::string path = kCorpus + "crash/" + row.version + "/" + row.kind + ".txt";
  const auto diagnosis = test::diagnose_files({path}, kCorpus);
  if (std::filesystem::file_size(path) == 0) {
    ASSERT_EQ(diagnosis.incident.unreadable.size(), 1U);
    EXPECT_TRUE(diagnosis.incident.unreadable[0].empty);
    EXPECT_TRUE(diagnosis.incident.unreadable[0].message.contains("empty"));
    EXPECT_TRUE(diagnosis.findings.empty());
    return;
  }
  ASSERT_FALSE(diagnosis.findings.empty());
  EXPECT_TRUE(std::ranges::find(row.accepted, diagnosis.findings[0].id) != row.accepted.end())
      << diagnosis.ids() << "\n"
      << diagnosis.findings[0].title;
  const std::string words = test::all_words(diagnosis.findings);
  EXPECT_TRUE(words.contains(row.mentioned)) << "nothing mentions " << row.mentioned << ":\n" << words;
}

INSTANTIATE_TEST_SUITE_P(Corpus, Expected, testing::ValuesIn(rows()), name_of);

// What ends well, or never began, must not be called sick.
TEST(HealthyEvidence, GivesNoFindings) {
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator(kCorpus + "healthy"))
    if (entry.path().extension() == ".txt") paths.push_back(entry.path().string());
  std::ranges::sort(paths);
  ASSERT_GE(paths.size(), 6U);
  for (const std::string_view kind :
       {"fatals_sigquitnotify", "fatals_wgreuse", "godebug_gctrace1", "godebug_schedtrace"})
    paths.push_back(kCorpus + "crash/go1.23/" + std::string(kind) + ".txt");
  for (const std::string_view profile : {"good-cpu.pb", "good-heap.pb", "good-mutex.pb", "good-block.pb"})
    paths.push_back(test::golden_path("decode/pprof/" + std::string(profile)));
  for (const std::string& path : paths) {
    auto diagnosis = test::diagnose_files({path}, kCorpus);
    // Where CPU time goes is information about any program, not a disease.
    std::erase_if(diagnosis.findings, [](const auto& finding) {
      return finding.severity == rules::Severity::Info && finding.id.starts_with("cpu.");
    });
    EXPECT_TRUE(diagnosis.incident.unreadable.empty()) << path;
    // These workers sleep under a lock that the others want: in health, and yet said.
    if (path.contains("workers-shutdown"))
      std::erase_if(diagnosis.findings, [](const auto& finding) { return finding.id == "contention.lock-held"; });
    EXPECT_TRUE(diagnosis.findings.empty()) << path << "\n" << test::all_words(diagnosis.findings);
  }
}

// A folder with the log twice (app.log, app.log.1) is one crash told twice, not another diagnosis.
TEST(TwoCopiesOfOneLog, GiveOneFindingWithBothPlaces) {
  const std::string log = kCorpus + "crash/go1.23/panics_nilderef.txt";
  const auto once = test::diagnose_files({log}, kCorpus);
  const auto twice = test::diagnose_files({log, log}, kCorpus);
  ASSERT_EQ(once.findings.size(), twice.findings.size()) << twice.ids();
  EXPECT_EQ(twice.findings[0].id, once.findings[0].id);
}

TEST(Manifest, ListsEveryFileOfTheCorpusWithItsSize) {
  const std::string manifest = test::read_file(kCorpus + "MANIFEST.tsv");
  std::vector<std::string> listed;
  LineReader lines(manifest);
  lines.next();
  while (lines.next()) {
    const auto columns = split(lines.line(), '\t');
    ASSERT_EQ(columns.size(), 5U) << lines.line();
    listed.emplace_back(columns[0]);
    EXPECT_EQ(parse_decimal(columns[4]), std::filesystem::file_size(kCorpus + std::string(columns[0]))) << columns[0];
  }
  std::vector<std::string> present;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(kCorpus))
    if (entry.path().extension() == ".txt") present.push_back(entry.path().string().substr(kCorpus.size()));
  std::ranges::sort(present);
  std::ranges::sort(listed);
  EXPECT_EQ(listed, present);
}

}  // namespace
}  // namespace gopsy
