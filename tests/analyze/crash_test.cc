#include "analyze/crash.h"

#include <gmock/gmock.h>

#include <string>
#include <string_view>
#include <vector>

#include "support/log_builder.h"

namespace gopsy::analyze {
namespace {

struct Text {
  const char* text;
  CrashKind kind;
};

TEST(KindOfPanic, KnowsEveryTextOfTheRuntimeAndNothingElse) {
  const std::vector<Text> rows{
      {"runtime error: invalid memory address or nil pointer dereference", CrashKind::NilDereference},
      {"value method main.T.M called using nil *T pointer", CrashKind::NilDereference},
      {"value method is not what it was", CrashKind::ExplicitPanic},
      {"runtime error: index out of range [5] with length 3", CrashKind::IndexOutOfRange},
      {"runtime error: index out of range", CrashKind::IndexOutOfRange},
      {"index out of range [5] with length 3", CrashKind::ExplicitPanic},
      {"runtime error: slice bounds out of range [:9] with capacity 3", CrashKind::SliceBounds},
      {"runtime error: cannot convert slice with length 3 to array or pointer to array with length 4",
       CrashKind::SliceBounds},
      {"runtime error: integer divide by zero", CrashKind::DivideByZero},
      {"division by zero", CrashKind::ExplicitPanic},
      {"runtime error: negative shift amount", CrashKind::NegativeShift},
      {"runtime error: makeslice: cap out of range", CrashKind::MakeSize},
      {"makechan: size out of range", CrashKind::MakeSize},
      {"runtime error: unsafe.Slice: len out of range", CrashKind::MakeSize},
      {"runtime error: hash of unhashable type []int", CrashKind::Uncomparable},
      {"runtime error: comparing uncomparable type main.S", CrashKind::Uncomparable},
      {"runtime error: cgo argument has Go pointer to unpinned Go pointer", CrashKind::CgoPointer},
      {"nil", CrashKind::NilPanic},
      {"nil config", CrashKind::ExplicitPanic},
      {"panic called with nil argument", CrashKind::NilPanic},
      {"runtime error: panic called with nil argument", CrashKind::NilPanic},
      {"assignment to entry in nil map", CrashKind::NilMapWrite},
      {"assignment to entry in nil map: users", CrashKind::ExplicitPanic},
      {"send on closed channel", CrashKind::SendOnClosed},
      {"close of closed channel", CrashKind::CloseOfClosed},
      {"close of nil channel", CrashKind::CloseOfNil},
      {"interface conversion: interface {} is nil, not int", CrashKind::TypeAssertion},
      {"sync: negative WaitGroup counter", CrashKind::WaitGroupNegative},
      {"sync: WaitGroup is reused before previous Wait has returned", CrashKind::WaitGroupReuse},
      {"test timed out after 2s\nrunning tests:", CrashKind::TestTimeout},
      {"", CrashKind::ExplicitPanic},
  };
  for (const Text& row : rows) EXPECT_EQ(kind_of_panic(row.text), row.kind) << row.text;
}

TEST(KindOfFatal, KnowsTheThrowsOfTheRuntime) {
  const std::vector<Text> rows{
      {"stack overflow", CrashKind::StackOverflow},
      {"all goroutines are asleep - deadlock!", CrashKind::Deadlock},
      {"no goroutines (main called runtime.Goexit) - deadlock!", CrashKind::MainGoexit},
      {"concurrent map clone and map write", CrashKind::ConcurrentMap},
      {"sync: unlock of unlocked mutex", CrashKind::UnlockOfUnlocked},
      {"sync: RUnlock of unlocked RWMutex", CrashKind::UnlockOfUnlocked},
      {"go of nil func value", CrashKind::GoNilFunc},
      {"runtime: cannot allocate memory", CrashKind::OutOfMemory},
      {"thread exhaustion", CrashKind::ThreadLimit},
      {"panic while printing panic value: type runtime.errorString", CrashKind::PanicWhilePrinting},
      {"unexpected signal during runtime execution", CrashKind::RuntimeSignal},
      {"checkptr: misaligned pointer conversion", CrashKind::BadPointer},
      {"fault", CrashKind::BadAddress},
      {"something new", CrashKind::Unknown},
      {"", CrashKind::Unknown},
  };
  for (const Text& row : rows) EXPECT_EQ(kind_of_fatal(row.text), row.kind) << row.text;
}

struct Crashed {
  model::Incident incident;
  std::vector<Crash> crashes;

  [[nodiscard]] const Crash& first() const { return crashes.at(0); }
  [[nodiscard]] std::string place() const {
    return first().place() == nullptr ? "" : std::string(first().function(*first().place()));
  }
};

Crashed crashed(std::string_view log) {
  Crashed result{.incident = test::incident_of(log), .crashes = {}};
  result.crashes = crashes_of(result.incident);
  return result;
}

std::string with_frames(std::string_view header, const std::vector<std::string>& frames) {
  return std::string(header) + "\n" + test::GoroutineText{.frames = frames, .created_by = ""}.str();
}

TEST(CrashPlace, IsBelowTheLowestPanicFrame) {
  const auto result = crashed(with_frames("panic: first\n\tpanic: second\n",
                                          {"main.cleanup()", "panic({0x1?, 0x2?})", "main.work()", "main.main()"}));
  EXPECT_EQ(result.place(), "main.work");
  EXPECT_EQ(result.first().text, "first");
}

TEST(CrashPlace, SkipsTheLibraryButKeepsItAsTheRoot) {
  const auto result =
      crashed(with_frames("panic: sync: negative WaitGroup counter\n",
                          {"sync.(*WaitGroup).Add(...)", "sync.(*WaitGroup).Done(...)", "main.main()"}));
  EXPECT_EQ(result.place(), "main.main");
  EXPECT_EQ(result.first().function(*result.first().root), "sync.(*WaitGroup).Add");
}

TEST(CrashPlace, IsTheLibraryWhereTheProgramHasNoFrame) {
  EXPECT_EQ(crashed(with_frames("panic: x\n", {"net/http.(*conn).serve(0x1)"})).place(), "net/http.(*conn).serve");
}

TEST(CrashPlace, IsTheCallerOfACgoStub) {
  const auto result = crashed(
      "SIGSEGV: segmentation violation\nPC=0x4928e0 m=0 sigcode=1 addr=0x0\nsignal arrived during cgo execution\n\n"
      "goroutine 1 [syscall]:\nruntime.cgocall(0x1, 0x2)\n\t/usr/local/go/src/runtime/cgocall.go:167 +0x4b\n"
      "main._Cfunc_crash()\n\t_cgo_gotypes.go:57 +0x3f\nmain.main()\n\t/src/app/main.go:40 +0xbe\n");
  EXPECT_EQ(result.first().kind, CrashKind::CgoSignal);
  EXPECT_EQ(result.place(), "main.main");
}

TEST(CrashPlace, IsNotALibraryClosureThatWasInlinedIntoTheProgram) {
  const auto result = crashed(
      "panic: x\n\ngoroutine 1 [running]:\nmain.main.OnceFunc.func1(...)\n\t/usr/local/go/src/sync/oncefunc.go:34\n"
      "main.main()\n\t/home/u/go/src/example.com/log/main.go:40 +0xbe\n");
  EXPECT_EQ(result.first().place()->line, 40U);
}

TEST(CrashOfASignal, IsToldByItsCode) {
  const auto kind = [](std::string_view name, std::string_view code) {
    return crashed(
               fmt::format("{}\nPC=0x46ae21 m=0 sigcode={}\n\ngoroutine 1 [running]:\nmain.main()\n\t/a.go:1 +0x1\n",
                           name, code))
        .first()
        .kind;
  };
  EXPECT_EQ(kind("SIGQUIT: quit", "0"), CrashKind::Sigquit);
  EXPECT_EQ(kind("SIGTERM: terminated", "0"), CrashKind::Terminated);
  EXPECT_EQ(kind("SIGABRT: abort", "18446744073709551610"), CrashKind::Abort);
  EXPECT_EQ(kind("SIGSEGV: segmentation violation", "0"), CrashKind::ExternalSignal);
  EXPECT_EQ(kind("SIGSEGV: segmentation violation", "1"), CrashKind::RuntimeSignal);
  EXPECT_EQ(kind("SIGBUS: bus error", "2"), CrashKind::BusError);
  EXPECT_EQ(kind("SIGILL: illegal instruction", "2"), CrashKind::IllegalInstruction);
  EXPECT_EQ(kind("SIGFPE: floating-point exception", "1"), CrashKind::ArithmeticSignal);
}

TEST(CrashOfANilPanic, DependsOnTheAddress) {
  const auto kind = [](std::string_view signal) {
    return crashed(fmt::format("panic: runtime error: invalid memory address or nil pointer dereference\n"
                               "[signal {} pc=0x48f2a0]\n\ngoroutine 1 [running]:\nmain.main()\n\t/a.go:1 +0x1\n",
                               signal))
        .first()
        .kind;
  };
  EXPECT_EQ(kind("SIGSEGV: segmentation violation code=0x1 addr=0x0"), CrashKind::NilDereference);
  EXPECT_EQ(kind("SIGSEGV: segmentation violation code=0x1 addr=0xfff"), CrashKind::NilDereference);
  EXPECT_EQ(kind("SIGSEGV: segmentation violation code=0x1 addr=0x1000"), CrashKind::BadAddress);
  EXPECT_EQ(kind("SIGSEGV: segmentation violation code=0x0 addr=0x3e8"), CrashKind::ExternalSignal);
  EXPECT_EQ(kind("SIGBUS: bus error code=0x2 addr=0x7f0000001000"), CrashKind::BusError);
}

TEST(CrashesOf, ListDumpsWithoutAGoroutine) {
  const auto result = crashed(test::dump_of({{.id = 1, .state = "select", .created_by = ""},
                                             {.id = 7, .state = "sleep", .created_by = "main.main in goroutine 1"}}));
  ASSERT_EQ(result.crashes.size(), 1U);
  EXPECT_EQ(result.first().kind, CrashKind::Unknown);
  EXPECT_EQ(result.first().goroutine, nullptr);
}

}  // namespace
}  // namespace gopsy::analyze
