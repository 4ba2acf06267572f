// Shapes of tracebacks that readers of such texts are known to trip over: what other parsers test, and what they miss.

#include <gmock/gmock.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "base/format.h"
#include "base/text.h"
#include "model/arguments.h"
#include "support/log_builder.h"
#include "support/profile_text.h"

namespace gopsy::decode {
namespace {

using testing::ElementsAre;

// One goroutine in one line: "id [state]: function(args)@file:line, …; created by function@file:line in id".
std::string goroutine_line(const model::Traceback& traceback, const model::Goroutine& g, const model::Symbols& s) {
  std::string out = fmt::format("{} [{}{}{}]:", g.id, s.text(g.state), g.minutes ? fmt::format(" {}m", g.minutes) : "",
                                g.locked_to_thread ? " locked" : "");
  for (const auto& frame : traceback.frames_of(g)) {
    out += fmt::format(" {}({})@{}:{}", s.text(frame.function), s.text(frame.args), s.text(frame.file), frame.line);
    if (frame.pc_offset != 0) out += fmt::format("+{:x}", frame.pc_offset);
  }
  if (g.elided_frames != 0) out += fmt::format(" elided after {}", g.elided_after);
  if (g.other_thread) out += " elsewhere";
  if (!g.created_by.none())
    out += fmt::format(" by {}@{}:{}", s.text(g.created_by), s.text(g.created_file), g.created_line);
  if (g.creator != 0) out += fmt::format(" in {}", g.creator);
  return out + (g.cut ? " cut" : "");
}

std::vector<std::string> goroutines_in(const model::Incident& incident) {
  std::vector<std::string> out;
  for (const auto& traceback : incident.evidence[0].log->tracebacks)
    for (const auto& goroutine : traceback.goroutines)
      out.push_back(goroutine_line(traceback, goroutine, incident.symbols));
  return out;
}

std::vector<std::string> goroutines_of(std::string_view log) {
  const auto incident = test::incident_of(log);
  EXPECT_TRUE(test::counts_add_up(incident.evidence[0]));
  return goroutines_in(incident);
}

const model::Traceback& only(const model::Incident& incident) {
  EXPECT_EQ(incident.evidence[0].log->tracebacks.size(), 1U);
  return incident.evidence[0].log->tracebacks.front();
}

std::string with(std::string_view text, std::string_view from, std::string_view to) {
  return join(
      [&] {
        std::vector<std::string> parts;
        for (const auto line : split(text, from[0])) parts.emplace_back(line);
        return parts;
      }(),
      to);
}

TEST(Traceback, OfNothingIsNothing) {
  EXPECT_TRUE(goroutines_of("").empty());
  EXPECT_TRUE(goroutines_of(std::string(111, '\n')).empty());
  EXPECT_TRUE(goroutines_of(std::string(70'000, 'a')).empty());
}

TEST(Traceback, IsFoundBehindAVeryLongLine) {
  EXPECT_THAT(goroutines_of(std::string(70'000, 'x') +
                            "\npanic: bad\n\ngoroutine 1 [running]:\n"
                            "example.com/db/engine._Cfunc_Seek()\n ??:0 +0x6d\n"
                            "gopkg.in/yaml%2ev3.parse(0x433b20)\n\t/go/src/gopkg.in/yaml.v3/yaml.go:153 +0xc6\n"
                            "main.main()\n\t/src/my app/main.go:428 +0x27\n"),
              ElementsAre("1 [running]: example.com/db/engine._Cfunc_Seek()@??:0+6d "
                          "gopkg.in/yaml%2ev3.parse(0x433b20)@/go/src/gopkg.in/yaml.v3/yaml.go:153+c6 "
                          "main.main()@/src/my app/main.go:428+27"));
}

TEST(Traceback, KeepsAgesAndLockedThreads) {
  EXPECT_THAT(goroutines_of("panic: x\n\ngoroutine 1 [chan send, 100 minutes]:\nmain.f(0x1)\n\t/a.go:1 +0x1\n\n"
                            "goroutine 2 [chan send, locked to thread]:\nmain.f(0x2)\n\t/a.go:1 +0x1\n\n"
                            "goroutine 3 [chan send, 101 minutes, locked to thread]:\nmain.f(0x3)\n\t/a.go:1 +0x1\n"),
              ElementsAre("1 [chan send 100m]: main.f(0x1)@/a.go:1+1", "2 [chan send locked]: main.f(0x2)@/a.go:1+1",
                          "3 [chan send 101m locked]: main.f(0x3)@/a.go:1+1"));
}

TEST(Traceback, KeepsStackPointersOfAssembly) {
  const auto incident = test::incident_of(
      "panic: x\n\ngoroutine 16 [garbage collection]:\nruntime.switchtoM()\n"
      "\t/go/src/runtime/asm_amd64.s:198 fp=0xc20cfb80d8 sp=0xc20cfb80d0 pc=0x5007be\n");
  const auto& traceback = only(incident);
  ASSERT_EQ(traceback.frames.size(), 1U);
  EXPECT_EQ(traceback.pointers_of(traceback.frames[0]).fp, 0xc20cfb80d8U);
  EXPECT_EQ(traceback.pointers_of(traceback.frames[0]).sp, 0xc20cfb80d0U);
  EXPECT_EQ(traceback.pointers_of(traceback.frames[0]).pc, 0x5007beU);
}

TEST(Traceback, ReadsWhatFollowsAnImpossibleLineNumber) {
  EXPECT_THAT(goroutines_of("panic: x\n\ngoroutine 1 [running]:\nmain.f()\n\t/a.go:12345678901234567890\n"
                            "main.main()\n\t/a.go:7 +0x1\ncreated by main.x\n\t/a.go:123456789012345678901 +0xa8b\n"),
              ElementsAre("1 [running]: main.f()@:0 main.main()@/a.go:7+1 by main.x@:0 cut"));
}

TEST(Traceback, KeepsArgumentsWhateverTheyHold) {
  for (const std::string_view args : {"123456789012345678901", "{{{{{...}}}}}", "{{{{{{...}}}}}}", "{{{{{...}}}}",
                                      "{{{{...}}}}}", "0x1?, {0x2, _}, ..."}) {
    const std::string log =
        fmt::format("panic: x\n\ngoroutine 1 [running]:\nmain.f({})\n\t/a.go:9\nmain.main()\n\t/a.go:3 +0x1\n", args);
    EXPECT_THAT(goroutines_of(log),
                ElementsAre(fmt::format("1 [running]: main.f({})@/a.go:9 main.main()@/a.go:3+1", args)));
  }
}

TEST(Traceback, WithAFileLineTooManyLosesOnlyThat) {
  EXPECT_THAT(goroutines_of("panic: x\n\ngoroutine 16 [select]:\n\t/lost.go:153 +0xc6\nmain.f()\n\t/a.go:198 +0x1\n"),
              ElementsAre("16 [select]: main.f()@/a.go:198+1"));
}

TEST(Traceback, ElidesInBothStyles) {
  for (const std::string_view words : {"...additional frames elided...", "...31 frames elided..."}) {
    EXPECT_THAT(
        goroutines_of(fmt::format("panic: x\n\ngoroutine 16 [running]:\nmain.f(0x9, 0x8)\n\t/a.go:53 +0x845\n{}\n"
                                  "created by testing.RunTests\n\t/t.go:555 +0xa8b\n",
                                  words)),
        ElementsAre("16 [running]: main.f(0x9, 0x8)@/a.go:53+845 elided after 1 by testing.RunTests@/t.go:555"));
  }
}

TEST(Traceback, MayHaveAStackElsewhereWithOrWithoutACreator) {
  const std::string header =
      "panic: x\n\ngoroutine 24 [running]:\n\tgoroutine running on other thread; stack unavailable\n";
  EXPECT_THAT(goroutines_of(header + "created by main.New\n\t/a.go:131 +0x381\n"),
              ElementsAre("24 [running]: elsewhere by main.New@/a.go:131"));
  EXPECT_THAT(goroutines_of(header + "\n\n"), ElementsAre("24 [running]: elsewhere"));
  EXPECT_THAT(goroutines_of(header + "junk"), ElementsAre("24 [running]: elsewhere cut"));
}

TEST(Traceback, TakesNamesOfOldCompilersAndFramesWithoutOffset) {
  EXPECT_THAT(goroutines_of("panic: runtime error: index out of range\n\ngoroutine 37 [runnable]:\n"
                            "example.com/a.func·002()\n\t/a.go:110\ncreated by os/signal.init·1\n\t/b.go:113 +0x43b\n"
                            "exit status 2\n"),
              ElementsAre("37 [runnable]: example.com/a.func·002()@/a.go:110 by os/signal.init·1@/b.go:113"));
}

TEST(Traceback, OfASignalMayBeginWithTheSystemStack) {
  const auto incident = test::incident_of(
      "SIGQUIT: quit\nPC=0x43f349\n\ngoroutine 0 [idle]:\n"
      "runtime.epollwait(0x4, 0x71c, 0x0, 0x0, 0x0, 0x0, 0x0, 0x0, 0x0, 0x0, ...)\n"
      "        /go/src/runtime/sys_linux_amd64.s:400 +0x19\n"
      "findrunnable(0x8012000)\n        /go/src/runtime/proc.c:1472 +0x485\n"
      "schedule()\n        /go/src/runtime/proc.c:1575 +0x151\n");
  EXPECT_THAT(
      goroutines_in(incident),
      ElementsAre("0 [idle]: runtime.epollwait(0x4, 0x71c, 0x0, 0x0, 0x0, 0x0, 0x0, 0x0, 0x0, 0x0, ...)"
                  "@/go/src/runtime/sys_linux_amd64.s:400+19 findrunnable(0x8012000)@/go/src/runtime/proc.c:1472"
                  "+485 schedule()@/go/src/runtime/proc.c:1575+151"));
  EXPECT_EQ(only(incident).signal->pc, 0x43f349U);
}

const std::string kPlain =
    "panic: boom\n\ngoroutine 8 [running]:\nfoo/bar.TestFail.func1.2()\n\t/src/foo/bar_test.go:209 +0x469\n"
    "testing.tRunner(0x3382000?, {0x1, 0x2})\n\t/go/src/testing/testing.go:865 +0xc0\n"
    "created by testing.(*T).Run in goroutine 1\n\t/go/src/testing/testing.go:916 +0x35a\n"
    "\ngoroutine 1 [chan receive]:\ntesting.(*T).Run(0x1)\n\t/go/src/testing/testing.go:917 +0x36a\n";

TEST(Traceback, ReadsTheSameHoweverItsLinesAreDressed) {
  const auto plain = goroutines_of(kPlain);
  ASSERT_EQ(plain.size(), 2U);
  EXPECT_EQ(goroutines_of(with(kPlain, "\n", "\r\n")), plain) << "CRLF";
  EXPECT_EQ(goroutines_of(with(kPlain, "\t", "        ")), plain) << "tabs to spaces";
  EXPECT_EQ(goroutines_of(with(kPlain, "\t", " ")), plain) << "blanks folded, as HTML does";
  EXPECT_EQ(goroutines_of(with(kPlain, "\t", "")), plain) << "front of each line trimmed";
  for (const std::string_view front : {"  ", "    ", "\t", "\t\t", "  \t"}) {
    EXPECT_EQ(goroutines_of(std::string(front) + with(kPlain, "\n", "\n" + std::string(front))), plain) << front << "|";
  }
  std::string no_blanks;
  for (const auto line : split(kPlain, '\n'))
    if (!line.empty()) no_blanks += fmt::format("{}\n", line);
  EXPECT_EQ(goroutines_of(no_blanks), plain) << "empty lines dropped, as journald does";
}

TEST(Traceback, MayBeQuotedByATestFrameworkWithAnotherIndentationOfFiles) {
  EXPECT_THAT(goroutines_of("Failures:\n\n  * /src/foo/bar_test.go\n  Line 209:\n  Expected: 'x'\n  Actual:   'nil'\n"
                            "  goroutine 8 [running]:\n  foo/bar.TestFail.func1.2()\n"
                            "        /src/foo/bar_test.go:209 +0x469\n  created by testing.(*T).Run\n"
                            "        /go/src/testing/testing.go:916 +0x35a\n\n\n"),
              ElementsAre("8 [running]: foo/bar.TestFail.func1.2()@/src/foo/bar_test.go:209+469 by "
                          "testing.(*T).Run@/go/src/testing/testing.go:916"));
}

TEST(Traceback, ForgivesAnIndentationThatVaries) {
  EXPECT_THAT(goroutines_of("  goroutine 1 [running]:\n  main.f()\n \t/a.go:1\n"),
              ElementsAre("1 [running]: main.f()@/a.go:1"));
}

TEST(Traceback, IsNotMadeOfAnIndentedLineInAPanicText) {
  const auto incident = test::incident_of("panic: line1\n\tgoroutine 9 [running]:\n\n" + test::GoroutineText{}.str());
  EXPECT_THAT(goroutines_in(incident), ElementsAre("1 [running]: main.main()@/src/app/main.go:10+1d"));
}

TEST(Frames, MayStandInFilesOfAnyName) {
  for (const std::string_view file :
       {"<autogenerated>", "_cgo_gotypes.go", "_testmain.go", "??", "C:/Users/A B/main.go", "example.com/m@v1.2.3/f.go",
        "/a:b/c.go", "/päth/main.go", "D:\\src\\main.go"}) {
    EXPECT_THAT(goroutines_of(fmt::format("goroutine 1 [running]:\nmain.main()\n\t{}:12 +0x1d\n", file)),
                ElementsAre(fmt::format("1 [running]: main.main()@{}:12+1d", file)));
  }
}

TEST(Frames, MayHaveFunctionsOfAnyName) {
  for (const std::string_view function :
       {"main.(*T[...]).M[...]", "main.main.main.func17.func27", "main.f.gowrap1", "main.f.deferwrap2", "main.f-range1",
        "main.T.M-fm", "main.glob..func1", "gopkg.in/yaml%2ev3.f", "main.Map[map[string]int,struct { X int }]",
        "main.init.0.func1", "a/b%22c.f", "panic"}) {
    EXPECT_THAT(goroutines_of(fmt::format("goroutine 1 [running]:\n{}(0x1)\n\t/a.go:12 +0x1d\n", function)),
                ElementsAre(fmt::format("1 [running]: {}(0x1)@/a.go:12+1d", function)));
  }
}

TEST(Frames, OfCAndCppAreKept) {
  const auto incident = test::incident_of(
      "SIGSEGV: segmentation violation\nPC=0x401234 m=0 sigcode=1 addr=0x0\nsignal arrived during cgo execution\n\n"
      "goroutine 1 [syscall]:\n"
      "cfunction\n\t/src/c.c:12 pc=0x401234\n"
      "std::map<int, long>::at(int const&) const\n\t/usr/include/c++/12/map:545 pc=0x401300\n"
      "void run<int>(std::vector<int, std::allocator<int> >&)\n\t/src/x.cc:7 pc=0x401400\n"
      "(anonymous namespace)::inner\n\t/src/x.cc:9 pc=0x401500\n"
      "non-Go function at pc=401600\n"
      "non-Go function at pc=0x401700\n"
      "runtime.cgocall(0x1, 0x2)\n\t/go/src/runtime/cgocall.go:157 +0x4b fp=0x10 sp=0x8 pc=0x402000\n");
  const auto& traceback = only(incident);
  std::vector<std::string> names;
  for (const auto& frame : traceback.frames) names.emplace_back(incident.symbols.text(frame.function));
  EXPECT_THAT(names,
              ElementsAre("cfunction", "std::map<int, long>::at(int const&) const",
                          "void run<int>(std::vector<int, std::allocator<int> >&)", "(anonymous namespace)::inner",
                          "non-Go function", "non-Go function", "runtime.cgocall"));
  EXPECT_EQ(traceback.pointers_of(traceback.frames[1]).pc, 0x401300U);
  EXPECT_EQ(traceback.pointers_of(traceback.frames[5]).pc, 0x401700U);
  EXPECT_EQ(traceback.bad_lines, 0U);
  EXPECT_TRUE(test::counts_add_up(incident.evidence[0]));
}

TEST(Ancestors, KeepTheirStacks) {
  const auto incident = test::incident_of(
      "panic: x\n\ngoroutine 20 [running]:\nmain.work()\n\t/a.go:1 +0x1\ncreated by main.spawn in goroutine 19\n"
      "\t/a.go:2 +0x1\n[originating from goroutine 19]:\nmain.spawn(...)\n\t/a.go:3 +0x1a\nmain.outer(...)\n"
      "\t/a.go:4 +0x2a\n...additional frames elided...\ncreated by main.main\n\t/a.go:5 +0x1a\n"
      "[originating from goroutine 1]:\nmain.main(...)\n\t/a.go:6 +0xb05\n\n"
      "goroutine 1 [sleep]:\nmain.main()\n\t/a.go:6 +0xb05\n");
  const auto& traceback = only(incident);
  EXPECT_THAT(goroutines_in(incident), ElementsAre("20 [running]: main.work()@/a.go:1+1 by main.spawn@/a.go:2 in 19",
                                                   "1 [sleep]: main.main()@/a.go:6+b05"));
  const auto ancestors = traceback.ancestors_of(traceback.goroutines[0]);
  ASSERT_EQ(ancestors.size(), 2U);
  EXPECT_EQ(ancestors[0].id, 19U);
  EXPECT_TRUE(ancestors[0].elided);
  ASSERT_EQ(ancestors[0].frame_count, 2U);
  EXPECT_EQ(incident.symbols.text(traceback.frames_of(ancestors[0])[1].function), "main.outer");
  EXPECT_EQ(traceback.frames_of(ancestors[0])[1].line, 4U);
  EXPECT_EQ(incident.symbols.text(ancestors[0].created_by), "main.main");
  EXPECT_EQ(ancestors[0].created_line, 5U);
  EXPECT_EQ(ancestors[1].id, 1U);
  EXPECT_EQ(ancestors[1].frame_count, 1U);
  EXPECT_TRUE(traceback.ancestors_of(traceback.goroutines[1]).empty());
  EXPECT_NE(incident.evidence[0].go_version.newest, 20U) << "ancestors keep the old words for elided frames";
}

TEST(Registers, StandWithTheirSignal) {
  const auto incident = test::incident_of(
      "SIGABRT: abort\nPC=0x7f m=3 sigcode=18446744073709551610\n\ngoroutine 1 [running]:\nmain.main()\n"
      "\t/a.go:1 +0x1\n\nrax    0x0\nr15    0x7ff08fdef334\nrip    0x46211d\nrflags 0x212\n\n-----\n\n"
      "SIGQUIT: quit\nPC=0x9 m=4 sigcode=0\n\ngoroutine 7 gp=0x1 m=4 mp=0x2 [running]:\nmain.f()\n\t/a.go:2 +0x1\n"
      "r0      0x5\tr1      0x6\n");
  const auto& traceback = only(incident);
  const auto own = traceback.registers_of(*traceback.signal);
  ASSERT_EQ(own.size(), 4U);
  EXPECT_EQ(incident.symbols.text(own[2].name), "rip");
  EXPECT_EQ(own[2].value, 0x46211dU);
  EXPECT_EQ(traceback.signal->code, -6);
  EXPECT_EQ(traceback.signal->thread, 3);
  ASSERT_EQ(traceback.threads.size(), 1U);
  EXPECT_EQ(traceback.threads[0].signal.thread, 4);
  EXPECT_EQ(traceback.threads[0].first_goroutine, 1U);
  EXPECT_EQ(traceback.threads[0].goroutine_count, 1U);
  ASSERT_EQ(traceback.registers_of(traceback.threads[0].signal).size(), 2U);
  EXPECT_EQ(traceback.registers_of(traceback.threads[0].signal)[1].value, 6U);
  EXPECT_EQ(traceback.goroutines[1].thread, 4);
  EXPECT_EQ(traceback.bad_lines, 0U);
}

TEST(SignalOfWindows, IsReadFromItsException) {
  const auto incident = test::incident_of(
      "Exception 0xc0000005 0x1 0x10 0x4a8400\nPC=0x4a8400\nsignal arrived during external code execution\n\n"
      "goroutine 1 [running]:\nmain.main()\n\tC:/src/main.go:12 +0x1d\n");
  const auto& traceback = only(incident);
  ASSERT_TRUE(traceback.signal);
  EXPECT_EQ(incident.symbols.text(traceback.signal->name), "Exception 0xc0000005");
  EXPECT_EQ(traceback.signal->code, 0xc0000005);
  EXPECT_EQ(traceback.signal->address, 0x10U);
  EXPECT_EQ(traceback.signal->pc, 0x4a8400U);
  EXPECT_TRUE(traceback.signal->during_cgo);
  EXPECT_EQ(traceback.cause, model::Cause::Signal);
}

TEST(GoroutineMarks, AreKept) {
  const auto incident = test::incident_of(
      "goroutine 7 gp=0xc000007180 m=nil [select (leaked) (scan) (durable), 3 minutes, synctest bubble 4]:\n"
      "main.f()\n\t/a.go:1 +0x1\n");
  const auto& goroutine = only(incident).goroutines[0];
  EXPECT_TRUE(goroutine.leaked && goroutine.scanned && goroutine.durable);
  EXPECT_EQ(goroutine.bubble, 4U);
  EXPECT_EQ(goroutine.gp, 0xc000007180U);
  EXPECT_EQ(goroutine.thread, -1);
  EXPECT_EQ(goroutine.wait, model::WaitKind::Select);
}

TEST(Labels, AreUnquotedAsGoQuotesThem) {
  const auto incident =
      test::incident_of("goroutine 7 [running] {k: \"caf\\u00e9 \\x41 \\\"b\\\"\"}:\nmain.f()\n\t/a.go:1 +0x1\n");
  const auto& traceback = only(incident);
  ASSERT_EQ(traceback.labels.size(), 1U);
  EXPECT_EQ(incident.symbols.text(traceback.labels[0].value), "café A \"b\"");
}

TEST(StackBuffer, CutInTheMiddleOfALineIsSeenThoughTheLogGoesOn) {
  EXPECT_THAT(goroutines_of("goroutine 5 [running]:\nmain.f()\n\t/a.go:1 +0x1\nmain.g(0x1)\n\t/home/us\n"
                            "2026/01/02 03:04:05 next line\n"),
              ElementsAre("5 [running]: main.f()@/a.go:1+1 main.g(0x1)@:0 cut"));
}

TEST(TimedOutTest, ListsItsRunningTestsInEveryLayout) {
  const std::string stack =
      "\ngoroutine 17 [running]:\ntesting.(*M).startAlarm.func1()\n\t/go/src/testing/testing.go:2241 +0x3b9\n";
  const auto text = [](const std::string& log) {
    const auto incident = test::incident_of(log);
    return std::string(incident.symbols.text(only(incident).panics.at(0).text));
  };
  EXPECT_EQ(text("panic: test timed out after 2s\n" + stack), "test timed out after 2s") << "up to 1.19";
  const std::string list = "test timed out after 2s\nrunning tests:\n\tTestHang (2s)";
  EXPECT_EQ(text("panic: test timed out after 2s\nrunning tests:\n\tTestHang (2s)\n" + stack), list) << "1.20 to 1.22";
  EXPECT_EQ(text("panic: test timed out after 2s\n\trunning tests:\n\t\tTestHang (2s)\n" + stack), list)
      << "since 1.23";
  const auto old = test::incident_of("panic: test timed out after 2s\nrunning tests:\n\tTestHang (2s)\n" + stack);
  EXPECT_LT(old.evidence[0].go_version.oldest, 23U) << "the list's own indentation is none of the runtime's";
}

// What a supervisor of processes sees on stderr: log lines, a panic, goroutines, and words of its own behind them.
TEST(CrashOfAChild, IsReadWithItsCreatorsAndTheTextAround) {
  const auto incident = test::incident_of(
      "listening on :8080\npanic: hello!\n\ngoroutine 13 [running]:\n"
      "example.com/app/controllers.func1()\n\t/src/app/controllers/app.go:13 +0x74\n"
      "net/http.(*Server).Serve(0xc20806c780, 0x910c88, 0xc20803e168, 0x0, 0x0)\n"
      "\t/go/src/net/http/server.go:1698 +0x91\ncreated by example.com/app/controllers.App.Index\n"
      "\t/src/app/controllers/app.go:14 +0x3e\n\n"
      "goroutine 16 [IO wait]:\nnet.runtime_pollWait(0x911c30, 0x72, 0x0)\n\t/go/src/runtime/netpoll.go:146 +0x66\n"
      "\ngoroutine 17 [syscall]:\nruntime.goexit()\n\t/go/src/runtime/proc.go:1445\n\nERROR: child exited\n");
  EXPECT_THAT(
      goroutines_in(incident),
      ElementsAre("13 [running]: example.com/app/controllers.func1()@/src/app/controllers/app.go:13+74 "
                  "net/http.(*Server).Serve(0xc20806c780, 0x910c88, 0xc20803e168, 0x0, 0x0)@/go/src/net/http/server.go:"
                  "1698+91 by example.com/app/controllers.App.Index@/src/app/controllers/app.go:14",
                  "16 [IO wait]: net.runtime_pollWait(0x911c30, 0x72, 0x0)@/go/src/runtime/netpoll.go:146+66",
                  "17 [syscall]: runtime.goexit()@/go/src/runtime/proc.go:1445"));
  EXPECT_EQ(incident.symbols.text(only(incident).panics[0].text), "hello!");
  EXPECT_EQ(incident.evidence[0].go_version.newest, 20U);
}

TEST(SameStack, IsThatOfTheFirstGoroutineWithEqualFrames) {
  const auto frame = [](int line, std::string_view args) {
    return fmt::format("main.f({})\n\t/a.go:{} +0x1\n", args, line);
  };
  const auto incident =
      test::incident_of("goroutine 1 [select]:\n" + frame(1, "0xc000012345") + "\ngoroutine 2 [sleep]:\n" +
                        frame(2, "0x1") + "\ngoroutine 3 [select]:\n" + frame(1, "0xc000099999") +
                        "\ngoroutine 4 [select]:\n" + frame(1, "0x1") + frame(2, "0x1"));
  std::vector<std::uint32_t> same;
  for (const auto& goroutine : only(incident).goroutines) same.push_back(goroutine.same_stack_as);
  EXPECT_THAT(same, ElementsAre(0, 1, 0, 3));
}

}  // namespace
}  // namespace gopsy::decode
