#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/format.h"
#include "base/text.h"
#include "model/evidence.h"
#include "support/diagnosis.h"
#include "support/golden.h"

namespace gopsy {
namespace {

const std::string kCrash = test::source_path("tests/corpus/crash/");

// What crash/src/leaks.go leaves behind, by the words of its source: of a line of its own, or of the go statement where
// only library frames are below it.
struct Leak {
  std::string_view source;  // the line has it; lines that repeat are told apart by `nth`
  std::size_t count = 1;
  bool may_have_ended = false;  // the child ends after 3 s, the pipe with its other end, the reader if it was first
  std::size_t nth = 0;
};

const std::vector<Leak> kLeaks{
    {.source = "time.Sleep(20 * time.Millisecond); c <- 1"},
    {.source = "for range c {", .count = 5},
    {.source = "go func() { <-ctx.Done() }()"},
    {.source = "for range time.Tick(time.Hour)"},
    {.source = "go http.Get(url)"},
    {.source = "a.Lock(); time.Sleep(30"},
    {.source = "b.Lock(); time.Sleep(30"},
    {.source = "mu.RLock(); time.Sleep(30", .may_have_ended = true},
    {.source = "time.Sleep(10 * time.Millisecond); mu.Lock()"},
    {.source = "go func() { select {} }()", .nth = 0},
    {.source = "var c chan int; <-c"},
    {.source = "var c chan int; c <- 1"},
    {.source = "go func() { time.Sleep(time.Hour) }()"},
    {.source = "wg.Add(1); wg.Wait()"},
    {.source = "c.L.Lock(); c.Wait()"},
    {.source = "runtime.LockOSThread(); select {}"},
    {.source = "l.Accept()"},
    {.source = "exec.Command(\"sleep\"", .may_have_ended = true},
    {.source = "r.Read(b)", .may_have_ended = true},
    {.source = "\t\tselect {"},
    {.source = "\t\tgo func() { select {} }()", .nth = 0},
    {.source = "\t\tgo func() { select {} }()", .nth = 1},
    {.source = "\t\t\t<-hang"},
    {.source = "\t\t<-hang", .count = 3, .nth = 1},
};

// The goroutines that net/http and context made on behalf of these.
const std::map<std::string_view, std::size_t> kLibrary{{"propagateCancel", 1},
                                                       {"(*persistConn).readLoop", 4},
                                                       {"(*persistConn).writeLoop", 4},
                                                       {"(*connReader).backgroundRead", 4}};

std::string line_of(const Leak& leak) {
  const std::string source = test::read_file(kCrash + "src/leaks.go");
  LineReader lines(source);
  std::size_t number = 0;
  std::size_t seen = 0;
  while (lines.next()) {
    ++number;
    if (lines.line().contains(leak.source) && seen++ == leak.nth) return fmt::format("main.go:{}", number);
  }
  return "no such line";
}

struct Told {
  std::uint64_t count = 0;
  std::string place;
};

// "3 goroutines in [select] in PLACE …" of every finding about a leak or deadlock.
std::vector<Told> told_by(const test::Diagnosis& diagnosis) {
  std::vector<Told> told;
  std::set<std::string> seen;
  for (const auto& finding : diagnosis.findings) {
    if (!finding.id.starts_with("leak.") && !finding.id.starts_with("deadlock.")) continue;
    for (const auto& exhibit : finding.evidence) {
      const auto in = exhibit.text.find(" in [");
      const auto at = exhibit.text.find("] in ");
      // A goroutine of library frames alone is told by the line that started it.
      if (exhibit.text.starts_with("created by main.noTimeout") && !told.back().place.contains("main.noTimeout"))
        told.push_back({.count = 1, .place = exhibit.text});
      if (in == std::string::npos || at == std::string::npos || !seen.insert(exhibit.text).second) continue;
      told.push_back({.count = parse_decimal(exhibit.text.substr(0, exhibit.text.find(' '))).value_or(0),
                      .place = exhibit.text.substr(at)});
    }
  }
  return told;
}

std::uint64_t count_at(const std::vector<Told>& told, std::string_view place) {
  std::uint64_t count = 0;
  for (const Told& t : told) {
    const auto found = t.place.find(place);
    if (found == std::string::npos) continue;
    const auto end = found + place.size();
    if (end == t.place.size() || !std::string_view("0123456789").contains(t.place[end])) count += t.count;
  }
  return count;
}

class LeakDump : public testing::TestWithParam<std::string> {};

TEST_P(LeakDump, NamesEveryLeakedGoroutineWithItsLineAndNumber) {
  const auto diagnosis = test::diagnose_files({kCrash + GetParam()}, kCrash);
  const auto told = told_by(diagnosis);
  for (const Leak& leak : kLeaks) {
    const std::string line = line_of(leak);
    if (leak.may_have_ended && count_at(told, line) == 0) continue;
    EXPECT_EQ(count_at(told, line), leak.count) << line << " " << leak.source;
  }
  for (const auto& [function, count] : kLibrary) EXPECT_EQ(count_at(told, function), count) << function;
}

TEST_P(LeakDump, NamesNoHealthyGoroutine) {
  const auto diagnosis = test::diagnose_files({kCrash + GetParam()}, kCrash);
  for (const auto& finding : diagnosis.findings) {
    if (!finding.id.starts_with("leak.") && !finding.id.starts_with("deadlock.")) continue;
    for (const auto& exhibit : finding.evidence) {
      EXPECT_NE(exhibit.goroutine, 1U) << exhibit.text;
      EXPECT_FALSE(exhibit.text.contains("goServe")) << exhibit.text;
      EXPECT_FALSE(exhibit.text.contains("runtime.gcenable")) << exhibit.text;
    }
  }
}

// What the text proves has a finding of its own; the candidates come last.
TEST_P(LeakDump, TellsProofFromSuspicion) {
  const auto diagnosis = test::diagnose_files({kCrash + GetParam()}, kCrash);
  const auto* nil = diagnosis.find("deadlock.nil-channel");
  ASSERT_NE(nil, nullptr);
  EXPECT_EQ(nil->severity, rules::Severity::Warning);
  ASSERT_NE(diagnosis.find("leak.http-body"), nullptr);
  EXPECT_TRUE(diagnosis.find("leak.http-body")->title.starts_with("3 response bodies")) << diagnosis.ids();
  ASSERT_NE(diagnosis.find("leak.http-no-timeout"), nullptr);
}

std::vector<std::string> dumps() {
  std::vector<std::string> found;
  for (const std::string_view version : {"go1.19", "go1.23", "go1.26", "go1.27"})
    for (const auto& entry : std::filesystem::directory_iterator(kCrash + std::string(version))) {
      const std::string name = entry.path().filename().string();
      const bool complete = name.starts_with("leaks_") && !name.contains("stacktrunc") && !name.contains("http");
      if (complete && entry.file_size() > 10'000) found.push_back(fmt::format("{}/{}", version, name));
    }
  std::ranges::sort(found);
  return found;
}

std::string name_of(const testing::TestParamInfo<std::string>& info) {
  std::string name = info.param;
  std::ranges::replace_if(name, [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); }, '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Corpus, LeakDump, testing::ValuesIn(dumps()), name_of);

TEST(LeakDumps, AreOfEveryVersionAndForm) { EXPECT_GE(dumps().size(), 19U); }

}  // namespace
}  // namespace gopsy
