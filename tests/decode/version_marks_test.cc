#include "decode/traceback/version_marks.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <string>
#include <string_view>

#include "base/format.h"
#include "base/text.h"
#include "support/golden.h"
#include "support/log_builder.h"

namespace gopsy::decode {
namespace {

std::string version_of(std::string_view log) { return test::incident_of(log).evidence[0].go_version.text(); }

std::string of_panic(std::string_view text) {
  model::GoVersion version;
  traceback::note_panic({.text = text}, version);
  return version.text();
}

std::string of_state(std::string_view state) {
  model::GoVersion version;
  traceback::note_state(state, version);
  return version.text();
}

TEST(GoVersion, IsReadFromTheWordsOfAPanic) {
  EXPECT_EQ(of_panic("runtime error: index out of range"), "1.12 or earlier");
  EXPECT_EQ(of_panic("runtime error: index out of range [5] with length 3"), "1.13 or later");
  EXPECT_EQ(of_panic("runtime error: cannot convert slice with length 3 to pointer to array with length 4"),
            "1.17 to 1.19");
  EXPECT_EQ(of_panic("runtime error: cannot convert slice with length 3 to array or pointer to array with length 4"),
            "1.20 or later");
  EXPECT_EQ(of_panic("panic called with nil argument"), "1.21 to 1.26");
  EXPECT_EQ(of_panic("runtime error: panic called with nil argument"), "1.27 or later");
  EXPECT_EQ(of_panic("(main.S) (0x4b2d60,0xc420072010)"), "1.14 or earlier");
  EXPECT_EQ(of_panic("(main.S) 0xc0000120c0"), "1.15 or later");
  EXPECT_EQ(of_panic("(func()) 0xc0000120c0"), "1.15 or later");
}

TEST(GoVersion, IsReadFromTheFormOfFloats) {
  EXPECT_EQ(of_panic("+3.141590e+000"), "1.25 or earlier");
  EXPECT_EQ(of_panic("main.NF(+1.500000e+000)"), "1.25 or earlier");
  EXPECT_EQ(of_panic("(+1.000000e+000+2.000000e+000i)"), "1.25 or earlier");
  EXPECT_EQ(of_panic("main.NF(1.5)"), "1.26 or later");
  EXPECT_EQ(of_panic("main.NF(-2e+20)"), "1.26 or later");
  EXPECT_EQ(of_panic("(1+2i)"), "1.26 or later");
  EXPECT_EQ(of_panic("main.NC(1-2i)"), "1.26 or later");
  for (const std::string_view text : {"3.14", "42", "main.N(7)", "main.NStr(\"1.5\")", "cost: a.b(1.5)", "f(1.5)",
                                      "main.X(1.5.2)", "(i)", "+3.14159e+000", "(see x.y)", ""})
    EXPECT_EQ(of_panic(text), "") << text << " may be anybody's text";
}

TEST(GoVersion, IsReadFromWaitReasons) {
  EXPECT_EQ(of_state("sync.Mutex.Lock"), "1.20 or later");
  EXPECT_EQ(of_state("sync.WaitGroup.Wait"), "1.24 or later");
  EXPECT_EQ(of_state("chan send (synctest)"), "1.24");
  EXPECT_EQ(of_state("timer goroutine (idle)"), "1.13 or earlier");
  EXPECT_EQ(of_state("GOMAXPROCS updater (idle)"), "1.25 or later");
  EXPECT_EQ(of_state("chan receive"), "");
}

TEST(GoVersion, IsReadFromStackPointersWithAndWithoutAHeaderThatHasThem) {
  const std::string frame = "main.f()\n\t/a.go:1 +0x1 fp=0x30 sp=0x10 pc=0x4000\n";
  EXPECT_EQ(version_of("fatal error: x\n\ngoroutine 1 [running]:\n" + frame), "1.21 or earlier");
  EXPECT_EQ(version_of("fatal error: x\n\ngoroutine 1 gp=0x1 m=0 mp=0x2 [running]:\n" + frame), "1.22 or later");
  EXPECT_EQ(version_of("SIGSEGV: x\nPC=0x1 m=0 sigcode=1 addr=0x0\n\ngoroutine 0 [idle]:\n" + frame), "1.22 or later")
      << "the system stack has no version of its own";
}

// The version that a folder of the corpus is named after: "go1.23" is 23.
unsigned truth_of(const std::filesystem::path& folder) {
  return static_cast<unsigned>(parse_decimal(folder.filename().string().substr(4)).value_or(0));
}

TEST(GoVersion, OfEveryRecordedLogContainsTheTruth) {
  unsigned files = 0;
  unsigned narrowed = 0;
  for (const auto& folder : std::filesystem::directory_iterator(test::source_path("tests/corpus/crash"))) {
    if (!folder.is_directory() || !folder.path().filename().string().starts_with("go1.")) continue;
    const unsigned truth = truth_of(folder.path());
    ASSERT_NE(truth, 0U) << folder.path();
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      if (entry.path().extension() != ".txt") continue;
      const auto incident = test::incident_of(test::read_file(entry.path().string()));
      const auto& version = incident.evidence[0].go_version;
      EXPECT_LE(version.oldest, truth) << entry.path() << ": " << version.oldest_mark;
      EXPECT_TRUE(version.newest == 0 || version.newest >= truth) << entry.path() << ": " << version.newest_mark;
      const auto& tracebacks = incident.evidence[0].log->tracebacks;
      const bool has_stack = !tracebacks.empty() && !tracebacks[0].frames.empty();
      files += has_stack;
      narrowed += has_stack && (version.oldest != 0 || version.newest != 0);
    }
  }
  EXPECT_GT(files, 100U);
  EXPECT_GE(narrowed * 10, files * 6) << "most logs with a stack say something about their version";
}

}  // namespace
}  // namespace gopsy::decode
