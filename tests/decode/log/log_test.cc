#include "decode/log/log.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "base/format.h"
#include "base/text.h"
#include "support/log_text.h"
#include "support/profile_text.h"
#include "support/wrappings.h"

namespace gopsy::decode {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

struct Read {
  model::Symbols symbols;
  model::Evidence evidence;

  explicit Read(std::string_view text) {
    auto result = kCrashLog.decode(text, symbols);
    EXPECT_TRUE(result);
    evidence = *std::move(result);
    EXPECT_TRUE(test::counts_add_up(evidence));
  }
  [[nodiscard]] const std::vector<model::Traceback>& tracebacks() const { return evidence.log->tracebacks; }
  // The functions of the first goroutine of a traceback.
  [[nodiscard]] std::vector<std::string> stack(std::size_t traceback) const {
    std::vector<std::string> names;
    const auto& one = tracebacks().at(traceback);
    for (const auto& frame : one.frames_of(one.goroutines.at(0))) names.emplace_back(symbols.text(frame.function));
    return names;
  }
  [[nodiscard]] std::string panic(std::size_t traceback) const {
    return std::string(symbols.text(tracebacks().at(traceback).panics.at(0).text));
  }
};

std::string crash_of(std::string_view who) {
  return fmt::format(
      "panic: {0}\n\ngoroutine 7 [running]:\n{0}.deep(0x1)\n\t/src/{0}/a.go:1 +0x1\n{0}.main()\n\t/src/{0}/b.go:2 "
      "+0x2\n",
      who);
}

TEST(Lanes, TellTwoCrashesLineByLineApartThatNothingElseDoes) {
  const std::string a = crash_of("left");
  const std::string b = crash_of("right");
  std::string mixed;
  std::size_t i = 0;
  std::size_t k = 0;
  while (i < a.size() || k < b.size()) {
    const auto line_of = [&mixed](const std::string& text, std::size_t& at) {
      const std::size_t end = std::min(text.find('\n', at), text.size());
      mixed += text.substr(at, end - at) + "\n";
      at = end + 1;
    };
    if (i < a.size()) line_of(a, i);
    if (k < b.size()) line_of(b, k);
  }
  const Read read(mixed);
  ASSERT_THAT(read.tracebacks(), SizeIs(2)) << mixed;
  EXPECT_EQ(read.panic(0), "left");
  EXPECT_EQ(read.panic(1), "right");
  EXPECT_THAT(read.stack(0), ElementsAre("left.deep", "left.main"));
  EXPECT_THAT(read.stack(1), ElementsAre("right.deep", "right.main"));
}

TEST(Lanes, LeaveOneProcessAlone) {
  const Read read(crash_of("one") + crash_of("two"));
  ASSERT_THAT(read.tracebacks(), SizeIs(2));
  EXPECT_EQ(read.evidence.kind, "panic");
}

TEST(LargeLogs, AreSearchedForCrashesWithoutReadingEveryLine) {
  const std::string chatter = test::chatter(20'000);
  const Read read(chatter + crash_of("first") + chatter + crash_of("second") + chatter + "2026/11/22 10:59:59 bye\n");
  ASSERT_THAT(read.tracebacks(), SizeIs(2));
  EXPECT_EQ(read.tracebacks()[0].first_line, 20'001U);
  EXPECT_EQ(read.tracebacks()[1].first_line, 40'008U);
  EXPECT_THAT(read.tracebacks()[1].before, SizeIs(3));
  EXPECT_EQ(read.evidence.log->lines, 60'015U);
  EXPECT_EQ(read.evidence.log->last.number, 60'015U);
  EXPECT_EQ(read.symbols.text(read.evidence.log->last.text), "2026/11/22 10:59:59 bye");
  EXPECT_EQ(read.evidence.time_ns, 1795345199'000000000);
}

TEST(LargeLogs, SayHowFarTheyWereRead) {
  std::size_t told = 0;
  bool in_order = true;
  const std::string text = test::chatter(600'000) + crash_of("late");
  model::Symbols symbols;
  const auto evidence = kCrashLog.decode_in_steps(text, symbols, [&](std::size_t at) {
    in_order = in_order && at >= told && at <= text.size();
    told = at;
  });
  ASSERT_TRUE(evidence);
  EXPECT_TRUE(in_order);
  EXPECT_GT(told, text.size() / 2);
}

TEST(Carriers, AreNamedInTheKindAndTheirTimesReachTheEvidence) {
  const Read read(test::in_docker_json(crash_of("x")));
  EXPECT_EQ(read.evidence.kind, "panic, in JSON");
  EXPECT_GT(read.evidence.time_ns, 1795341600'000000000);
  const Read cri(test::in_cri("2026/11/22 started\n" + crash_of("x")));
  EXPECT_EQ(cri.evidence.kind, "panic, in CRI");
  EXPECT_EQ(cri.symbols.text(cri.tracebacks().at(0).before.at(0).text), "2026/11/22 started");
}

// A service that logs an error with zap's stack, a thousand times, has not crashed a thousand times.
// A clock that goes back (a step of NTP, a generator that counts seconds in a circle) does not tear a stack apart.
TEST(Carriers, WhoseTimesContradictWhatIsWholeInTheFileAreReadAsTheyStand) {
  std::string crash = "panic: boom\n\ngoroutine 7 [running]:\n";
  for (int i = 0; i < 40; ++i) crash += fmt::format("main.f{0}(0x1)\n\t/src/a.go:{0} +0x1\n", i);
  std::string log;
  int second = 0;
  for (const std::string_view line : split(crash, '\n'))
    log += fmt::format(R"({{"log":"{}\n","stream":"stderr","time":"2026-11-22T20:01:{:02}.5Z"}})"
                       "\n",
                       line.starts_with('\t') ? fmt::format("\\t{}", line.substr(1)) : std::string(line), second++ % 7);
  const Read read(log);
  ASSERT_THAT(read.tracebacks(), SizeIs(1));
  EXPECT_THAT(read.stack(0), SizeIs(40));
  EXPECT_EQ(read.stack(0)[39], "main.f39");
}

TEST(StructuredLogs, WithStacksOfErrorsHoldNoTraceback) {
  std::string log;
  for (int i = 0; i < 1000; ++i)
    log +=
        R"({"level":"error","ts":1795341600.5,"msg":"cannot store","error":"timeout","stacktrace":"main.f\n\t/a.go:1\nmain.main\n\t/a.go:2"})"
        "\n";
  EXPECT_THAT(Read(log).tracebacks(), SizeIs(0));
}

TEST(StructuredLogs, WithWordsOfARecoveredPanicHoldNoEnd) {
  const Read talk(R"({"level":"error","msg":"panic: boom","worker":3})"
                  "\n" +
                  std::string(R"({"level":"info","msg":"restarted"})"
                              "\n"));
  EXPECT_THAT(talk.tracebacks(), SizeIs(0));
  const Read stack(
      R"({"level":"error","msg":"panic: boom","stack":"goroutine 7 [running]:\nruntime/debug.Stack()\n\t/s.go:1 +0x1\nmain.f.func1()\n\t/a.go:1 +0x1\npanic({0x1, 0x2})\n\t/p.go:1 +0x1\nmain.f()\n\t/a.go:2 +0x1\n"})"
      "\n");
  ASSERT_THAT(stack.tracebacks(), SizeIs(1));
  EXPECT_EQ(stack.tracebacks()[0].cause, model::Cause::Recovered);
  EXPECT_EQ(stack.panic(0), "boom");
}

TEST(StructuredLogs, WithFramesAloneUnderAPanicGiveItsStack) {
  const Read read(
      R"({"level":"error","msg":"recovered","error":"runtime error: index out of range [5] with length 3","stacktrace":"main.f.func1\n\t/a.go:1\nruntime.gopanic\n\t/p.go:2\nmain.f\n\t/a.go:3"})"
      "\n");
  ASSERT_THAT(read.tracebacks(), SizeIs(1));
  EXPECT_EQ(read.tracebacks()[0].cause, model::Cause::Recovered);
  EXPECT_EQ(read.panic(0), "runtime error: index out of range [5] with length 3");
  EXPECT_THAT(read.stack(0), ElementsAre("main.f.func1", "panic", "main.f"));
  EXPECT_EQ(read.tracebacks()[0].goroutines[0].id, 0U);
}

}  // namespace
}  // namespace gopsy::decode
