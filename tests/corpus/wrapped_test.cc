#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "base/format.h"
#include "base/text.h"
#include "decode/decoder.h"
#include "support/diagnosis.h"
#include "support/golden.h"
#include "support/profile_text.h"
#include "support/wrappings.h"

namespace gopsy {
namespace {

const std::string kCorpus = test::source_path("tests/corpus/");

// A row of EXPECTED.tsv for one Go version, with what the process printed.
struct Recorded {
  std::string name;
  std::vector<std::string> accepted;
  std::string mentioned;
  std::string text;
};

const std::vector<Recorded>& recorded() {
  static const std::vector<Recorded> all = [] {
    std::vector<Recorded> rows;
    const std::string table = test::read_file(kCorpus + "crash/EXPECTED.tsv");
    LineReader lines(table);
    lines.next();
    while (lines.next()) {
      const auto columns = split(lines.line(), '\t');
      if (columns[0].starts_with("races_")) continue;
      for (const std::string_view version : {"go1.19", "go1.23", "go1.26", "go1.27"}) {
        Recorded row{.name = fmt::format("{}/{}", version, columns[0])};
        for (const std::string_view id : split(columns[1], '|')) row.accepted.emplace_back(id);
        if (columns.size() > 2) row.mentioned = columns[2];
        row.text = test::read_file(kCorpus + "crash/" + row.name + ".txt");
        if (!row.text.empty()) rows.push_back(std::move(row));
      }
    }
    return rows;
  }();
  return all;
}

// As a user would: what it is, is found out by its content.
test::Diagnosis diagnose_unknown(std::string_view bytes) {
  const decode::Decoder* decoder = decode::sniff(bytes);
  EXPECT_TRUE(decoder != nullptr && (decoder->name == "crash-log" || decoder->name == "goroutine-dump"))
      << (decoder == nullptr ? "nothing" : decoder->name) << " claims\n"
      << bytes.substr(0, 300);
  auto diagnosis = test::diagnose_text(bytes);
  EXPECT_TRUE(test::counts_add_up(diagnosis.incident.evidence[0]));
  return diagnosis;
}

bool is_first(const Recorded& row, const test::Diagnosis& diagnosis) {
  return !diagnosis.findings.empty() &&
         std::ranges::find(row.accepted, diagnosis.findings[0].id) != row.accepted.end() &&
         test::all_words(diagnosis.findings).contains(row.mentioned);
}

class Wrapped : public testing::TestWithParam<test::Wrapping> {};

TEST_P(Wrapped, LogsGiveTheFindingsOfThePlainOnes) {
  std::vector<std::string> missed;
  for (const Recorded& row : recorded()) {
    // log.Fatal leaves its last word and nothing else.
    if (GetParam().adds_words && row.name.ends_with("panics_logfatal")) continue;
    const std::string file = GetParam().wrap(row.text);
    const auto diagnosis = diagnose_unknown(file);
    if (is_first(row, diagnosis)) continue;
    missed.push_back(row.name + ": " + diagnosis.ids());
  }
  EXPECT_TRUE(missed.empty()) << missed.size() << " of " << recorded().size() << " missed:\n" << join(missed, "\n");
}

INSTANTIATE_TEST_SUITE_P(Corpus, Wrapped, testing::ValuesIn(test::wrappings()),
                         [](const auto& info) { return std::string(info.param.name); });

// A finding cites the line of the file that it was given, not of what was inside.
TEST(WrappedLogs, AreCitedByTheLinesOfTheFile) {
  const std::string text = test::read_file(kCorpus + "crash/go1.23/panics_nilderef.txt");
  for (const auto wrap : {+[](std::string_view log) { return test::in_docker_json(log); },
                          +[](std::string_view log) { return test::in_cri(log); }}) {
    const auto diagnosis = diagnose_unknown(wrap("first\nsecond\n" + text));
    ASSERT_FALSE(diagnosis.findings.empty());
    const auto& traceback = diagnosis.incident.evidence[0].log->tracebacks.at(0);
    EXPECT_EQ(traceback.first_line, 3U);
    EXPECT_EQ(traceback.goroutines.at(0).log_line, 6U);
    EXPECT_EQ(traceback.frames.at(0).log_line, 7U);
  }
}

// Two processes of one file, told apart by a key, crash at the same time: both are found, each with its own frames.
TEST(TwoCrashesOfTwoProcesses, AreBothFoundWhereSomethingTellsThemApart) {
  const auto& rows = recorded();
  std::vector<std::string> missed;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Recorded& other = rows[(i * 37 + 11) % rows.size()];
    const std::string mixed =
        test::interleaved(test::in_journald(rows[i].text, "shop[4711]"), test::in_journald(other.text, "cart[99]"),
                          static_cast<std::uint32_t>(i));
    const auto both = diagnose_unknown(mixed);
    const auto one = test::diagnose_text(rows[i].text);
    const auto two = test::diagnose_text(other.text);
    for (const auto* alone : {&one, &two}) {
      // What ended without a word is silent beside one that did not.
      if (alone->incident.evidence[0].log->tracebacks.empty()) continue;
      if (both.find(alone->findings.at(0).id) == nullptr)
        missed.push_back(
            fmt::format("{} with {}: {} without {}", rows[i].name, other.name, both.ids(), alone->findings[0].id));
    }
  }
  EXPECT_TRUE(missed.empty()) << missed.size() << " missed:\n" << join(missed, "\n");
}

// A log that is cut says so, or finds what it found whole; it never finds another way to have crashed.
TEST(CutLogs, AreReadAndSayWhereTheyAreCut) {
  std::mt19937 random(20261122);
  for (const Recorded& row : recorded()) {
    for (const auto& wrapping : test::wrappings()) {
      if (random() % 8 != 0) continue;
      const std::string file = wrapping.wrap(row.text);
      const std::size_t head = random() % file.size();
      const std::size_t tail = head + random() % (file.size() - head);
      for (const std::string& part : {file.substr(0, tail), file.substr(head), file.substr(head, tail - head)}) {
        if (part.empty()) continue;
        auto diagnosis = test::diagnose_text(part);
        EXPECT_TRUE(test::counts_add_up(diagnosis.incident.evidence[0])) << row.name << " in " << wrapping.name;
      }
    }
  }
}

}  // namespace
}  // namespace gopsy
