#include "render/race/race_report.h"

#include <gmock/gmock.h>

#include <string>
#include <string_view>

#include "base/text.h"
#include "decode/log/log.h"
#include "render/columns.h"
#include "support/golden.h"

namespace gopsy::render {
namespace {

using testing::HasSubstr;
using testing::Not;

// What `gopsy race` prints for a recorded log, without sources.
struct Shown {
  explicit Shown(std::string_view log) {
    auto evidence = decode::kCrashLog.decode(log, incident.symbols);
    EXPECT_TRUE(evidence);
    evidence->path = "race.log";
    incident.evidence.push_back(*std::move(evidence));
    races = analyze::races_of(incident);
    for (const auto& race : races) {
      document.reports += race.times;
      document.races.push_back({.race = &race, .is_new = {}, .source = {}});
    }
  }
  model::Incident incident;
  std::vector<analyze::Race> races;
  RaceDocument document{.races = {}, .incident = incident, .root = "", .version = "1"};
};

std::string recorded(std::string_view name) {
  return test::read_file(test::source_path("tests/corpus/crash/go1.26/" + std::string(name)));
}

TEST(RaceText, PutsTheSidesBesideOneAnotherOnlyWhereThereIsRoom) {
  const Shown shown(recorded("races_finished.txt"));
  EXPECT_THAT(race_text(shown.document, {.width = 90}), HasSubstr(" │ "));
  const std::string narrow = race_text(shown.document, {.width = 89});
  EXPECT_THAT(narrow, Not(HasSubstr("│")));
  EXPECT_THAT(narrow, HasSubstr("previous write by goroutine 8"));
}

TEST(RaceText, KeepsToTheWidthOfTheTerminal) {
  for (const std::string_view name :
       {"races_map.txt", "races_finished.txt", "races_atomic.txt", "races_chanclose.txt"}) {
    const Shown shown(recorded(name));
    for (unsigned width = 60; width <= 160; ++width) {
      const std::string text = race_text(shown.document, {.width = width});
      LineReader lines(text);
      while (lines.next()) EXPECT_LE(columns(lines.line()), width) << name << "\n" << lines.line();
    }
  }
}

TEST(RaceText, HasNoEscapesOfTheInputAndColoursOnlyWhenAsked) {
  std::string log = recorded("races_rw.txt");
  for (auto at = log.find("read()"); at != std::string::npos; at = log.find("read()", at + 9))
    log.insert(at, "\x1b[2J");
  const Shown shown(log);
  EXPECT_THAT(race_text(shown.document, {}), Not(HasSubstr("\x1b")));
  EXPECT_THAT(race_text(shown.document, {.color = true}), HasSubstr("\x1b[1;31mrace.field\x1b[0m"));
  EXPECT_THAT(race_text(shown.document, {.color = true}), Not(HasSubstr("\x1b[2J")));
}

TEST(RaceForms, AreTheSameBytesTwice) {
  const Shown a(recorded("races_slice.txt"));
  const Shown b(recorded("races_slice.txt"));
  EXPECT_EQ(race_text(a.document, {}), race_text(b.document, {}));
  EXPECT_EQ(race_json(a.document), race_json(b.document));
  EXPECT_EQ(race_sarif(a.document), race_sarif(b.document));
}

TEST(RaceForms, ShowAReportThatIsCutWithTheSideThatIsThere) {
  const std::string log = recorded("races_rw.txt");
  const Shown shown(log.substr(0, log.find("Previous")));
  EXPECT_THAT(race_text(shown.document, {}), HasSubstr("the other side is missing"));
  EXPECT_THAT(race_json(shown.document), HasSubstr("\"lost_stack\": true"));
  EXPECT_THAT(race_sarif(shown.document), HasSubstr("\"codeFlows\""));
}

}  // namespace
}  // namespace gopsy::render
