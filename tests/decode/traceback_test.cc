#include "decode/log/log.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/format.h"
#include "base/text.h"
#include "support/golden.h"
#include "support/log_builder.h"
#include "support/profile_text.h"

namespace gopsy::decode {
namespace {

using model::Cause;

// "panic 1 2, dump 7": every traceback with the ids of its goroutines.
std::string outline(const model::Incident& incident) {
  std::vector<std::string> parts;
  for (const auto& traceback : incident.evidence[0].log->tracebacks) {
    constexpr std::array<std::string_view, 5> kCauses{"dump", "panic", "fatal", "signal", "recovered"};
    std::string part(kCauses[static_cast<std::size_t>(traceback.cause)]);
    for (const auto& goroutine : traceback.goroutines) part += fmt::format(" {}", goroutine.id);
    if (traceback.cut) part += " cut";
    parts.push_back(part);
  }
  return join(parts, ", ");
}

std::string outline_of(std::string_view log) { return outline(test::incident_of(log)); }

const std::string kStack = "\ngoroutine 1 [running]:\nmain.main()\n\t/src/app/main.go:12 +0x1d\n";
const std::string kPanic = "panic: boom\n" + kStack;

TEST(CrashLog, IsReadBetweenOrdinaryLines) {
  const auto incident = test::incident_of("listening\nready\n" + kPanic + "exit status 2\nrestarted\nlistening\n");
  EXPECT_EQ(outline(incident), "panic 1");
  EXPECT_EQ(incident.evidence[0].log->tracebacks[0].first_line, 3U);
  EXPECT_EQ(incident.symbols.text(incident.evidence[0].log->last.text), "listening");
}

TEST(CrashLog, KeepsTwoCrashesApart) {
  EXPECT_EQ(outline_of(kPanic + "restarted\n" + kPanic), "panic 1, panic 1");
  EXPECT_EQ(outline_of(kPanic + kPanic), "panic 1, panic 1") << "glued, as two panics at once print";
}

TEST(CrashLog, KeepsTwoDumpsApart) {
  const std::string dump = test::dump_of({{.id = 1, .state = "select", .created_by = ""},
                                          {.id = 7, .state = "sleep", .created_by = "main.main in goroutine 1"}});
  EXPECT_EQ(outline_of(dump + "tick\n" + dump), "dump 1 7, dump 1 7");
  EXPECT_EQ(outline_of(dump + "\n" + dump), "dump 1 7, dump 1 7");
}

TEST(CrashLog, ReadsLinesThatEndInCarriageReturn) {
  std::string crlf;
  for (const char c : kPanic) crlf += c == '\n' ? std::string("\r\n") : std::string(1, c);
  const auto incident = test::incident_of(crlf);
  EXPECT_EQ(outline(incident), "panic 1");
  EXPECT_EQ(incident.symbols.text(incident.evidence[0].log->tracebacks[0].panics[0].text), "boom");
  EXPECT_EQ(incident.evidence[0].log->tracebacks[0].frames[0].line, 12U);
}

TEST(CrashLog, ReadsPastAByteOrderMark) { EXPECT_EQ(outline_of("\xEF\xBB\xBF" + kPanic), "panic 1"); }

TEST(PanicText, MayHaveSeveralLinesIndentedSince1_23) {
  const auto incident = test::incident_of("panic: line1\n\tline2\n\t\n\tgoroutine 9 [running]:\n" + kStack);
  EXPECT_EQ(outline(incident), "panic 1");
  EXPECT_EQ(incident.symbols.text(incident.evidence[0].log->tracebacks[0].panics[0].text),
            "line1\nline2\n\ngoroutine 9 [running]:");
  EXPECT_EQ(incident.evidence[0].go_version.oldest, 23U);
}

TEST(PanicText, MayHaveSeveralRawLinesBefore) {
  const auto incident = test::incident_of("panic: line1\nline2\n" + kStack);
  EXPECT_EQ(incident.symbols.text(incident.evidence[0].log->tracebacks[0].panics[0].text), "line1\nline2");
}

TEST(PanicText, CannotForgeAGoroutine) {
  const auto incident = test::incident_of("panic: oops\ngoroutine 1 [running]:\nmain.fake()\n" + kStack);
  EXPECT_EQ(outline(incident), "panic 1");
  const auto& traceback = incident.evidence[0].log->tracebacks[0];
  ASSERT_EQ(traceback.frames.size(), 1U);
  EXPECT_EQ(incident.symbols.text(traceback.frames[0].function), "main.main");
  EXPECT_TRUE(test::counts_add_up(incident.evidence[0]));
}

TEST(PanicChain, IsReadOldestFirst) {
  const auto incident = test::incident_of(
      "panic: first [recovered]\n\tpanic: second\n\n" +
      test::GoroutineText{.frames = {"main.f()", "panic({0x1, 0x2})", "main.main()"}, .created_by = ""}.str());
  const auto& panics = incident.evidence[0].log->tracebacks[0].panics;
  ASSERT_EQ(panics.size(), 2U);
  EXPECT_TRUE(panics[0].recovered);
  EXPECT_FALSE(panics[1].recovered);
}

TEST(PanicChain, IsOneValueWhereTheStackHasOnePanicOnly) {
  const auto incident = test::incident_of("panic: line1\n\tpanic: is a word\n\tpanic: again\n" + kStack);
  const auto& panics = incident.evidence[0].log->tracebacks[0].panics;
  ASSERT_EQ(panics.size(), 1U);
  EXPECT_EQ(incident.symbols.text(panics[0].text), "line1\npanic: is a word\npanic: again");
}

TEST(PanicChain, MayEndInAFatalError) {
  const auto incident = test::incident_of("panic: first\n\tfatal error: sync: unlock of unlocked mutex\n" + kStack);
  EXPECT_EQ(incident.symbols.text(incident.evidence[0].log->tracebacks[0].fatal), "sync: unlock of unlocked mutex");
}

TEST(FatalError, OfTwoThrowsAtOnceKeepsTheFirst) {
  const auto incident =
      test::incident_of("fatal error: concurrent map writes\nfatal error: concurrent map writes\n" + kStack);
  EXPECT_EQ(outline(incident), "fatal 1");
}

TEST(FatalError, TakesItsLeadLinesAlong) {
  const auto incident =
      test::incident_of("ordinary\nruntime: program exceeds 6-thread limit\nfatal error: thread exhaustion\n" + kStack);
  ASSERT_EQ(incident.evidence[0].log->tracebacks[0].lead.size(), 1U);
  EXPECT_EQ(incident.evidence[0].log->tracebacks[0].first_line, 2U);
}

TEST(CrashOutputFile, IsFatalThoughItsHeaderIsMissing) {
  const auto incident =
      test::incident_of("\n" + test::GoroutineText{.frames = {"sync.fatal({0x1, 0x2})",
                                                              "sync.(*Mutex).unlockSlow(0x1, 0x2)", "main.main()"},
                                                   .created_by = ""}
                                   .str());
  EXPECT_EQ(outline(incident), "fatal 1");
}

TEST(RecoveredPanic, TakesItsWordsFromTheLineAbove) {
  const auto incident = test::incident_of(
      "2026/11/22 23:21:25 http: panic serving 127.0.0.1:33144: handler panic\n" +
      test::GoroutineText{.id = 71,
                          .frames = {"net/http.(*conn).serve.func1()", "panic({0x1?, 0x2?})", "main.handle()"},
                          .created_by = "net/http.(*Server).Serve in goroutine 8"}
          .str() +
      "2026/11/22 23:21:26 next\n");
  EXPECT_EQ(outline(incident), "recovered 71");
  EXPECT_EQ(incident.symbols.text(incident.evidence[0].log->tracebacks[0].panics[0].text), "handler panic");
}

TEST(Relay, OfGotracebackCrashBelongsToOneTraceback) {
  const auto incident = test::incident_of(
      "SIGQUIT: quit\nPC=0x1 m=0 sigcode=0\n" + kStack +
      "\n-----\n\nSIGQUIT: quit\nPC=0x2 m=1 sigcode=0\n\n"
      "goroutine 0 gp=0x1 m=1 mp=0x2 [idle]:\nruntime.futex()\n\t/usr/local/go/src/runtime/sys.s:558 +0x21\n");
  EXPECT_EQ(outline(incident), "signal 1 0");
  EXPECT_TRUE(incident.evidence[0].log->tracebacks[0].goroutines[1].system);
}

TEST(Labels, AreReadInBothPlaces) {
  for (const std::string_view header :
       {R"(goroutine 7 [select labels:{"tenant": "acme corp"}]:)", R"(goroutine 7 [select] {tenant: "acme corp"}:)"}) {
    const auto incident = test::incident_of(std::string(header) + "\nmain.f()\n\t/src/a.go:1 +0x1\n");
    const auto& traceback = incident.evidence[0].log->tracebacks[0];
    ASSERT_EQ(traceback.labels_of(traceback.goroutines[0]).size(), 1U) << header;
    EXPECT_EQ(incident.symbols.text(traceback.labels[0].value), "acme corp");
  }
}

TEST(Ancestors, AreCountedAndNotMixedIntoTheStack) {
  const auto incident = test::incident_of(kPanic +
                                          "created by main.f in goroutine 3\n\t/src/a.go:1 +0x1\n"
                                          "[originating from goroutine 3]:\nmain.g(...)\n\t/src/a.go:5 +0x9\n"
                                          "created by main.h\n\t/src/a.go:7 +0x9\n");
  const auto& goroutine = incident.evidence[0].log->tracebacks[0].goroutines[0];
  EXPECT_EQ(goroutine.ancestors, 1U);
  EXPECT_EQ(goroutine.frame_count, 1U);
  EXPECT_EQ(goroutine.creator, 3U);
}

TEST(Cut, IsSeenInsideAFrameAndNotBehindAStrayWord) {
  EXPECT_EQ(outline_of("panic: x\n\ngoroutine 1 [running]:\nmain.main()\n"), "panic 1 cut");
  EXPECT_EQ(outline_of("panic: x\n\ngoroutine 1 [running]:\nmain.main()\n\t/src/app/ma"), "panic 1 cut");
  EXPECT_EQ(outline_of(kPanic + "FAIL\n"), "panic 1");
  EXPECT_EQ(outline_of(kPanic), "panic 1");
}

TEST(ForeignLines, InsideATracebackAreCounted) {
  const auto incident = test::incident_of(
      "panic: x\n\ngoroutine 1 [running]:\nmain.f()\n\t/src/a.go:1 +0x1\n"
      "another goroutine logs this\nmain.main()\n\t/src/a.go:2 +0x1\n");
  EXPECT_EQ(outline(incident), "panic 1");
  EXPECT_EQ(incident.evidence[0].log->tracebacks[0].frames.size(), 2U);
  EXPECT_EQ(incident.evidence[0].log->tracebacks[0].bad_lines, 1U);
  EXPECT_TRUE(test::counts_add_up(incident.evidence[0]));
}

// Reads any bytes with all three faces of the decoder; nothing may crash, and the counts must add up.
void survives(std::string_view bytes) {
  for (const Decoder* decoder : {&kCrashLog, &kGoroutineDump}) {
    decoder->sniff(bytes.substr(0, kSniffBytes));
    model::Symbols symbols;
    const auto evidence = decoder->decode(bytes, symbols);
    ASSERT_TRUE(evidence);
    ASSERT_TRUE(test::counts_add_up(*evidence));
    for (const auto& traceback : evidence->log->tracebacks) {
      for (const auto& goroutine : traceback.goroutines)
        ASSERT_LE(goroutine.first_frame + goroutine.frame_count, traceback.frames.size());
      ASSERT_LE(traceback.first_line, traceback.last_line);
    }
  }
}

std::vector<std::string> corpus() {
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(test::source_path("tests/corpus")))
    if (entry.path().extension() == ".txt") paths.push_back(entry.path().string());
  std::ranges::sort(paths);
  return paths;
}

TEST(RecordedLogs, AreSurvivedCutAnywhere) {
  for (const std::string& path : corpus()) {
    const std::string bytes = test::read_file(path);
    const std::size_t step = bytes.size() <= 1500 ? 1 : 97 + bytes.size() / 100;
    for (std::size_t cut = 0; cut <= bytes.size(); cut += step) survives(std::string_view(bytes).substr(0, cut));
  }
}

TEST(RecordedLogs, AreSurvivedWithABeginningLost) {
  for (const std::string& path : corpus()) {
    const std::string bytes = test::read_file(path);
    for (std::size_t cut = 1; cut < bytes.size(); cut += 211 + bytes.size() / 50)
      survives(std::string_view(bytes).substr(cut));
  }
}

TEST(RecordedLogs, AreSurvivedWithBitsFlipped) {
  for (const std::string& path : corpus()) {
    const std::string bytes = test::read_file(path);
    for (std::size_t bit = 0; bit < std::min<std::size_t>(bytes.size(), 4000) * 8; bit += 1499) {
      std::string damaged = bytes.substr(0, 4000);
      damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ 1 << bit % 8);
      survives(damaged);
    }
  }
}

TEST(RecordedLogs, AreSurvivedBehindOneAnother) {
  std::string all;
  for (const std::string& path : corpus())
    if (std::filesystem::file_size(path) < 3000) all += test::read_file(path);
  survives(all);
}

TEST(RecordedLogs, LoseNoGoroutine) {
  for (const std::string& path : corpus()) {
    const std::string bytes = test::read_file(path);
    const auto incident = test::incident_of(bytes);
    std::size_t kept = 0;
    for (const auto& traceback : incident.evidence[0].log->tracebacks)
      kept += static_cast<std::size_t>(
          std::ranges::count_if(traceback.goroutines, [](const auto& g) { return g.log_line != 0; }));
    EXPECT_EQ(kept, incident.evidence[0].counts[0].kept) << path;
  }
}

}  // namespace
}  // namespace gopsy::decode
