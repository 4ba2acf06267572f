#include <gmock/gmock.h>

#include <string>
#include <string_view>

#include "base/format.h"
#include "base/text.h"
#include "decode/log/log.h"
#include "decode/race/reader.h"
#include "support/golden.h"

namespace gopsy::decode {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

constexpr std::string_view kReport =
    "==================\n"
    "WARNING: DATA RACE\n"
    "Read at 0x00c00009e028 by main goroutine:\n"
    "  main.(*T).read()\n"
    "      /src/main.go:24 +0x8e9\n"
    "  main.main()\n"
    "      /src/main.go:38 +0x1e3\n"
    "\n"
    "Previous write at 0x00c00009e028 by goroutine 8:\n"
    "  main.(*T).write()\n"
    "      /src/main.go:23 +0x34\n"
    "\n"
    "Goroutine 8 (finished) created at:\n"
    "  main.main()\n"
    "      /src/main.go:36 +0x1aa\n"
    "==================\n";

// A log, read as a whole; names are looked up in the symbols that came with it.
struct Read {
  explicit Read(std::string_view text) {
    auto decoded = kCrashLog.decode(text, symbols);
    EXPECT_TRUE(decoded);
    evidence = *std::move(decoded);
  }
  [[nodiscard]] const model::Races& races() const { return evidence.log->races; }
  [[nodiscard]] std::string_view text(StringId id) const { return symbols.text(id); }

  model::Symbols symbols;
  model::Evidence evidence;
};

std::string indented(std::string_view text, std::string_view by) {
  std::string out;
  LineReader lines(text);
  while (lines.next()) out += fmt::format("{}{}\n", lines.line().empty() ? "" : by, lines.line());
  return out;
}

std::string without(std::string text, std::string_view what) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what)) text.erase(at, what.size());
  return text;
}

TEST(RaceReader, KeepsBothSidesTheirStacksAndTheCreator) {
  const Read read(kReport);
  ASSERT_THAT(read.races().reports, SizeIs(1));
  const auto& report = read.races().reports[0];
  ASSERT_EQ(report.access_count, 2U);
  const auto& [now, before] = report.accesses;
  EXPECT_FALSE(now.write);
  EXPECT_TRUE(now.main);
  EXPECT_EQ(now.address, 0xc00009e028U);
  EXPECT_THAT(report.frames_of(now.stack), SizeIs(2));
  EXPECT_EQ(read.text(report.frames_of(now.stack)[1].function), "main.main");
  EXPECT_EQ(report.frames_of(now.stack)[1].line, 38U);
  EXPECT_FALSE(now.creation_told);
  EXPECT_TRUE(before.write);
  EXPECT_EQ(before.goroutine, 8U);
  EXPECT_TRUE(before.finished);
  ASSERT_THAT(report.frames_of(before.created), SizeIs(1));
  EXPECT_EQ(read.text(report.frames_of(before.created)[0].file), "/src/main.go");
  EXPECT_FALSE(report.cut);
  EXPECT_EQ(report.first_line, 2U);
  EXPECT_EQ(report.last_line, 16U);
}

TEST(RaceReader, TakesReportsThatAreIndentedOrThatLostTheirIndentation) {
  const std::string flat = [] {
    std::string out;
    LineReader lines(kReport);
    while (lines.next()) out += std::string(trim(lines.line())) + "\n";
    return out;
  }();
  for (const std::string& text : {indented(kReport, "    "), indented(kReport, "\t"), flat}) {
    const Read read(text);
    ASSERT_THAT(read.races().reports, SizeIs(1)) << text;
    EXPECT_THAT(read.races().reports[0].frames, SizeIs(4)) << text;
    EXPECT_FALSE(read.races().reports[0].cut) << text;
  }
}

TEST(RaceReader, TakesReportsWithoutAddressesOfGoUpTo1_6) {
  const Read read(without(std::string(kReport), " at 0x00c00009e028"));
  ASSERT_THAT(read.races().reports, SizeIs(1));
  EXPECT_FALSE(read.races().reports[0].accesses[1].address);
  EXPECT_EQ(read.races().reports[0].accesses[1].goroutine, 8U);
}

TEST(RaceReader, KnowsAStackThatWasNotRestored) {
  std::string text(kReport);
  const std::string frames = "  main.(*T).write()\n      /src/main.go:23 +0x34\n";
  text.replace(text.find(frames), frames.size(), "  [failed to restore the stack]\n");
  const Read read(text);
  ASSERT_THAT(read.races().reports, SizeIs(1));
  EXPECT_TRUE(read.races().reports[0].accesses[1].stack.lost);
  EXPECT_FALSE(read.races().reports[0].accesses[0].stack.lost);
  EXPECT_THAT(read.races().reports[0].frames_of(read.races().reports[0].accesses[1].created), SizeIs(1));
}

TEST(RaceReader, KeepsFramesOfCAndAssembly) {
  std::string text(kReport);
  const std::string frame = "  main.(*T).write()\n";
  text.insert(text.find(frame),
              "  sync/atomic.AddInt64()\n      /go/src/runtime/race_amd64.s:289 +0xb\n"
              "  std::vector<int, std::allocator<int> >::push_back(int const&)()\n      /src/lib.cc:7 +0x1\n"
              "  ?"
              "?()\n      ?"
              "?:0 +0x44\n");
  const Read read(text);
  ASSERT_THAT(read.races().reports, SizeIs(1));
  const auto frames = read.races().reports[0].frames_of(read.races().reports[0].accesses[1].stack);
  ASSERT_THAT(frames, SizeIs(4));
  EXPECT_EQ(read.text(frames[1].function), "std::vector<int, std::allocator<int> >::push_back(int const&)");
  EXPECT_EQ(read.text(frames[1].file), "/src/lib.cc");
}

TEST(RaceReader, CountsReportsThatDifferInAddressesAndNumbersOnly) {
  std::string other(kReport);
  for (auto at = other.find("9e028"); at != std::string::npos; at = other.find("9e028")) other.replace(at, 5, "12340");
  for (auto at = other.find("outine 8"); at != std::string::npos; at = other.find("outine 8"))
    other.replace(at, 8, "outine 77");
  std::string moved(kReport);
  moved.replace(moved.find("main.go:23"), 10, "main.go:99");
  const Read read(std::string(kReport) + other + moved + "Found 3 data race(s)\n");
  ASSERT_THAT(read.races().reports, SizeIs(2));
  EXPECT_EQ(read.races().reports[0].times, 2U);
  EXPECT_EQ(read.races().reports[1].times, 1U);
  EXPECT_EQ(read.races().read, 3U);
  EXPECT_EQ(read.races().announced, 3U);
}

TEST(RaceReader, LeavesOrdinaryLinesBetweenToOthers) {
  std::string text(kReport);
  text.insert(text.find("Previous"), "2026/11/22 20:01:01 api: GET /\n");
  const Read read("one\n" + text + "two\n");
  ASSERT_THAT(read.races().reports, SizeIs(1));
  EXPECT_THAT(read.races().reports[0].frames, SizeIs(4));
  EXPECT_EQ(read.races().report_lines, 16U);
  EXPECT_EQ(read.evidence.log->lines, 19U);
}

TEST(RaceReader, GivesThePanicAfterACutReportToTheTraceback) {
  const std::string_view cut = kReport.substr(0, kReport.find("  main.(*T).write()"));
  const Read read(std::string(cut) + "panic: boom\n\ngoroutine 1 [running]:\nmain.main()\n\t/src/main.go:1 +0x1\n");
  ASSERT_THAT(read.races().reports, SizeIs(1));
  EXPECT_TRUE(read.races().reports[0].cut);
  EXPECT_THAT(read.races().reports[0].frames, SizeIs(2));
  ASSERT_THAT(read.evidence.log->tracebacks, SizeIs(1));
  EXPECT_THAT(read.evidence.log->tracebacks[0].frames, SizeIs(1));
}

TEST(RaceReader, NamesTheTestThatFailed) {
  const std::string word = "    testing.go:1399: race detected during execution of test\n";
  const std::string fail = "--- FAIL: TestHits (0.00s)\n";
  for (const std::string& tail : {fail + word, word + fail}) {
    const Read read(std::string(kReport) + tail);
    ASSERT_THAT(read.races().reports, SizeIs(1));
    EXPECT_EQ(read.text(read.races().reports[0].test), "TestHits") << tail;
  }
  const Read other(std::string(kReport) + fail);
  EXPECT_TRUE(other.races().reports[0].test.none());
}

TEST(RaceReader, SurvivesEveryCutAndKeepsWhatIsWhole) {
  for (std::size_t cut = 0; cut <= kReport.size(); ++cut) {
    const Read read(kReport.substr(0, cut));
    const auto& races = read.races();
    ASSERT_EQ(races.read, races.reports.size() + races.malformed) << cut;
    if (cut >= kReport.find("\n  main.(*T).read()") && cut < kReport.size() - 1) {
      ASSERT_THAT(races.reports, SizeIs(1)) << cut;
      EXPECT_TRUE(races.reports[0].cut) << cut;
    }
    for (const auto& report : races.reports)
      for (const auto& access : report.accesses)
        EXPECT_LE(access.stack.first + access.stack.count, report.frames.size());
  }
}

TEST(RaceReader, TakesALineOfEqualSignsAloneForNoReport) {
  const Read read("==================\ntotal 3\n==================\n");
  EXPECT_THAT(read.races().reports, IsEmpty());
  EXPECT_EQ(read.races().report_lines, 0U);
}

TEST(RaceReader, MarksTheLogAsCertain) {
  EXPECT_EQ(kCrashLog.sniff(kReport), Match::Certain);
  EXPECT_EQ(kCrashLog.sniff("no WARNING: DATA RACE here\n"), Match::Maybe);
}

}  // namespace
}  // namespace gopsy::decode
