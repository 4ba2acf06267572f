#include "decode/log/carrier/carrier.h"

#include <gmock/gmock.h>

#include <string>
#include <string_view>
#include <vector>

#include "decode/log/anchors.h"
#include "decode/log/carrier/json_text.h"
#include "decode/log/clock.h"
#include "decode/log/paste.h"
#include "decode/log/prefixes.h"

namespace gopsy::decode::log {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// What a carrier makes of a line, each event followed by "+" where it goes on in the next line.
struct Undone {
  bool taken = false;
  std::vector<std::string> texts;
  std::vector<std::uint64_t> processes;
  std::vector<std::int64_t> times;
};

Undone undo(bool (*carrier)(const Line&, const Emit&), std::string_view text, const Shape& shape = {}) {
  Undone out;
  out.taken = carrier({.text = text, .shape = &shape, .number = 1}, [&](const Line& line) {
    out.texts.push_back(std::string(line.text) + (line.partial ? "+" : ""));
    out.processes.push_back(line.process);
    out.times.push_back(line.time_ns);
  });
  return out;
}

TEST(Cri, TakesTimeStreamAndTagOffAndKnowsParts) {
  EXPECT_THAT(undo(undo_cri, "2026-11-22T10:00:00.123456789Z stderr F \t/a.go:1 +0x1").texts,
              ElementsAre("\t/a.go:1 +0x1"));
  EXPECT_THAT(undo(undo_cri, "2026-11-22T10:00:00.123456789+01:00 stdout P gorou").texts, ElementsAre("gorou+"));
  EXPECT_THAT(undo(undo_cri, "2026-11-22T10:00:00.123456789Z stderr F").texts, ElementsAre(""));
  EXPECT_FALSE(undo(undo_cri, "2026-11-22T10:00:00.123456789Z stdlog F x").taken);
  EXPECT_FALSE(undo(undo_cri, "2026-11-22T10:00:00.123456789Z stderr Fatal: x").taken);
}

TEST(Cri, KeepsTheStreamsApart) {
  const auto one = undo(undo_cri, "2026-11-22T10:00:00.1234567Z stderr F x");
  const auto two = undo(undo_cri, "2026-11-22T10:00:00.1234567Z stdout F x");
  ASSERT_TRUE(one.taken && two.taken);
  EXPECT_NE(one.processes, two.processes);
}

TEST(Syslog, KnowsItsForms) {
  for (const std::string_view line : {
           "Nov 22 20:01:01 web-1 shop[4711]: panic: boom",
           "Nov  2 20:01:01 web-1 shop: panic: boom",
           "<11>Nov 22 20:01:01 web-1 shop[4711]: panic: boom",
           "2026-11-22T20:01:01+0000 web-1 shop[4711]: panic: boom",
           "2026-11-22T20:01:01.123456+00:00 app[web.1]: panic: boom",
           "<11>1 2026-11-22T20:01:01Z web-1 shop 4711 - - panic: boom",
           "<11>1 2026-11-22T20:01:01Z web-1 shop 4711 ID7 [a@1 k=\"v ] \\\" w\"][b] \xEF\xBB\xBFpanic: boom",
           "<11>1 - - - - - - panic: boom",
       })
    EXPECT_THAT(undo(undo_syslog, line).texts, ElementsAre("panic: boom")) << line;
}

TEST(Syslog, LeavesOrdinaryLinesAlone) {
  for (const std::string_view line :
       {"2026/11/22 20:01:01 http: panic serving 127.0.0.1:1: x", "2026/11/22 20:01:01 recovered: boom",
        "Nov 22 is a day", "10:00:00 worker: started", "2026-11-22T20:01:01Z INFO worker: started"})
    EXPECT_FALSE(undo(undo_syslog, line).taken) << line;
}

TEST(Labels, ArePodsAndServices) {
  EXPECT_THAT(undo(undo_labelled, "web-1  | \tx").texts, ElementsAre("\tx"));
  EXPECT_THAT(undo(undo_labelled, "web-1  |").texts, ElementsAre(""));
  EXPECT_THAT(undo(undo_labelled, "[pod/web-7d4b/app] panic: x").texts, ElementsAre("panic: x"));
  EXPECT_FALSE(undo(undo_labelled, "cat a b | grep c").taken);
  EXPECT_FALSE(undo(undo_labelled, "| a | b |").taken);
}

TEST(Json, TakesTheTextOutOfEventsOfAnyShape) {
  EXPECT_THAT(undo(undo_json, R"({"log":"\tx\n","stream":"stderr","time":"2026-11-22T10:00:00Z"})").texts,
              ElementsAre("\tx\n"));
  EXPECT_THAT(undo(undo_json, R"({"MESSAGE":[112,9,120],"_PID":"7"})").texts, ElementsAre("p\tx"));
  EXPECT_THAT(undo(undo_json, R"({"_source":{"message":"x","@timestamp":"2026-11-22T10:00:00Z"}})").texts,
              ElementsAre("x"));
  EXPECT_THAT(undo(undo_json, R"([{"message":"x"},{"message":"y"}])").texts, ElementsAre("x", "y"));
  EXPECT_THAT(
      undo(undo_json, R"({"body":{"stringValue":"x"},"attributes":[{"key":"k","value":{"stringValue":"no"}}]})").texts,
      ElementsAre("x"));
  EXPECT_THAT(undo(undo_json, "    \"message\": \"panic: x\",").texts, ElementsAre("panic: x"));
}

TEST(Json, PutsTheStackOfARecordUnderItsMessageAndError) {
  EXPECT_THAT(
      undo(
          undo_json,
          R"({"level":"error","stacktrace":"goroutine 7 [running]:\nmain.f()\n\t/a.go:1 +0x1","error":"boom","msg":"recovered"})")
          .texts,
      ElementsAre("recovered\nboom\ngoroutine 7 [running]:\nmain.f()\n\t/a.go:1 +0x1\n"));
}

TEST(Json, GivesFramesAHeaderOnlyWhereTheRecordSpeaksOfAPanic) {
  const auto panic = undo(
      undo_json,
      R"({"level":"error","msg":"recovered from panic","stacktrace":"main.f\n\t/a.go:1\nruntime.gopanic\n\t/p.go:2"})");
  EXPECT_THAT(
      panic.texts,
      ElementsAre("recovered from panic\nstack of the running goroutine:\nmain.f\n\t/a.go:1\npanic()\n\t/p.go:2\n"));
  const std::string error = R"({"level":"error","msg":"timeout","stacktrace":"main.f\n\t/a.go:1"})";
  EXPECT_THAT(undo(undo_json, error).texts, ElementsAre(error));
}

TEST(Json, SalvagesALineThatIsCut) {
  EXPECT_THAT(undo(undo_json, R"({"stream":"stderr","log":"panic: bo)").texts, ElementsAre("panic: bo"));
  EXPECT_TRUE(undo(undo_json, "{\"a\":[[[[{\"b\":").taken);
  EXPECT_FALSE(undo(undo_json, "{main.T}").taken);
  EXPECT_FALSE(undo(undo_json, "[signal SIGSEGV: x]").taken);
}

TEST(Json, SurvivesDepthWithoutRecursion) {
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "{\"a\":";
  undo(undo_json, deep);
  EXPECT_EQ(unescaped(R"(\u00e9\ud83d\ude00\u12\q\x41\)"), "\xC3\xA9\xF0\x9F\x98\x80\\u12\\qA\\");
}

TEST(Logfmt, TakesTheMessage) {
  EXPECT_THAT(undo(undo_logfmt, R"(time=2026-11-22T10:00:00Z level=ERROR msg="\t/a.go:1 +0x1" k=v)").texts,
              ElementsAre("\t/a.go:1 +0x1"));
  EXPECT_THAT(undo(undo_logfmt, R"(level=error msg="" unit=shop)").texts, ElementsAre(""));
  EXPECT_FALSE(undo(undo_logfmt, "level=error").taken);
}

TEST(Csv, NeedsATitleLineAndFollowsIt) {
  const Shape shape = shape_of("time;host;message\n1;a;b\n");
  EXPECT_THAT(shape.columns, ElementsAre("time", "host", "message"));
  EXPECT_THAT(undo(undo_csv, "2026-11-22T10:00:00Z;web;\"say \"\"x\"\"; y\"", shape).texts,
              ElementsAre("say \"x\"; y"));
  EXPECT_FALSE(undo(undo_csv, "\t/a.go:1 +0x1", shape).taken);
  EXPECT_TRUE(shape_of("2026/11/22 10:00:00 hello, message\n").columns.empty());
}

TEST(Clock, ReadsTheTimesOfCarriers) {
  const auto time = [](std::string_view text) { return whole_time(text).value_or(-1); };
  constexpr std::int64_t kTen = 1795341600'000000000;
  EXPECT_EQ(time("2026-11-22T10:00:00Z"), kTen);
  EXPECT_EQ(time("2026-11-22T10:00:00.5Z"), kTen + 500'000'000);
  EXPECT_EQ(time("2026-11-22 10:00:00,250"), kTen + 250'000'000);
  EXPECT_EQ(time("2026-11-22T11:00:00+01:00"), kTen);
  EXPECT_EQ(time("2026-11-22T11:00:00.5+0100"), kTen + 500'000'000);
  EXPECT_EQ(time("22/Nov/2026:10:00:00 +0000"), kTen);
  EXPECT_EQ(time("Sun Nov 22 10:00:00 2026"), kTen);
  EXPECT_EQ(time("1795341600"), kTen);
  EXPECT_EQ(time("1795341600.25"), kTen + 250'000'000);
  EXPECT_EQ(time("1795341600000"), kTen);
  EXPECT_EQ(time("1795341600000000000"), kTen);
  EXPECT_EQ(time("Nov 22 10:00:00"), 0);
  EXPECT_EQ(time("I1122 10:00:00.000000"), 0);
  EXPECT_EQ(time("10:00:00.123"), 0);
  EXPECT_EQ(time("hello"), -1);
  EXPECT_EQ(time("2026-13-22T10:00:00Z"), -1);
}

TEST(Prefixes, AreLearnedFromAHeaderAndTheLinesBelow) {
  Prefixes prefixes;
  EXPECT_FALSE(prefixes.learn("10:00:00.5 web 7: goroutine 1 [running]:", {"10:00:01.25 web 7: main.main()"}));
  Line line{.text = "11:12:13 web 7: panic: x"};
  ASSERT_TRUE(prefixes.strip(line));
  EXPECT_EQ(line.text, "panic: x");
  Line other{.text = "11:12:13 web 8: panic: x"};
  EXPECT_FALSE(prefixes.strip(other));
}

TEST(Prefixes, LetARunningNumberVary) {
  Prefixes prefixes;
  EXPECT_FALSE(prefixes.learn("[17] goroutine 1 [running]:", {"[18] main.main()", "[19] \t/a.go:1 +0x1"}));
  Line line{.text = "[20] created by x"};
  ASSERT_TRUE(prefixes.strip(line));
  EXPECT_EQ(line.text, "created by x");
}

TEST(Prefixes, OfOneLineAloneAreCutOffThere) {
  Prefixes prefixes;
  const std::string line = "2026/11/22 10:00:00 recovered: goroutine 1 [running]:";
  EXPECT_EQ(prefixes.learn(line, {"main.main()", "\t/a.go:1 +0x1"}), line.find("goroutine"));
  Line next{.text = "2026/11/22 10:00:00 recovered: x"};
  EXPECT_FALSE(prefixes.strip(next));
}

// What services log about panics they recovered must not become the end of a process.
TEST(Prefixes, AreNotLearnedFromTalkOfAPanic) {
  Prefixes prefixes;
  EXPECT_FALSE(prefixes.learn("2026/11/22 10:00:00 worker: panic: boom",
                              {"2026/11/22 10:00:00 worker: restarted", "2026/11/22 10:00:01 worker: ready"}));
  Line line{.text = "2026/11/22 10:00:00 worker: panic: boom"};
  EXPECT_FALSE(prefixes.strip(line));
}

TEST(PasteMarks, AreTakenOff) {
  std::string scratch;
  EXPECT_EQ(without_paste_marks("\x1B[31mpanic: x\x1B[0m\r", scratch, true), "panic: x");
  EXPECT_EQ(without_paste_marks("&lt;autogenerated&gt;:1 &#43;0x1", scratch, true), "<autogenerated>:1 +0x1");
  EXPECT_EQ(without_trailing_blanks("goroutine 1 [running]:  "), "goroutine 1 [running]:");
  EXPECT_EQ(without_trailing_blanks("fatal error: "), "fatal error: ");
  EXPECT_EQ(without_paste_marks("\xC2\xA0\xC2\xA0\xC2\xA0\xC2\xA0/a.go:1", scratch, true), "    /a.go:1");
  EXPECT_EQ(without_paste_marks("a#012#011b", scratch, true), "a\n\tb");
  EXPECT_EQ(without_paste_marks("R&D & Caf\xC3\xA9 #7", scratch, true), "R&D & Caf\xC3\xA9 #7");
  EXPECT_EQ(without_paste_marks("\t", scratch, true), "\t");
}

TEST(Anchors, AreFoundAtEveryOffsetByBothSearches) {
  for (const std::string_view word : {"goroutine ", "panic: ", " +0x", "DATA RACE", "ms clock, ", "sigcode="}) {
    for (std::size_t before = 0; before < 70; ++before) {
      const std::string text = std::string(before, 'x') + std::string(word) + std::string(before % 23, 'y');
      EXPECT_EQ(find_anchor(text, 0), before) << word;
      EXPECT_EQ(find_anchor_plainly(text, 0), before) << word;
      EXPECT_EQ(find_anchor(text, before + 1), std::string_view::npos) << word;
    }
  }
  EXPECT_EQ(find_anchor("", 0), std::string_view::npos);
  EXPECT_EQ(count_newlines(std::string(10'000, '\n') + "x"), 10'000U);
  EXPECT_EQ(count_newlines("a\nb"), 1U);
  EXPECT_EQ(find_anchor("2026/11/22 10:00:00 GET /cart 200", 0), std::string_view::npos);
}

}  // namespace
}  // namespace gopsy::decode::log
