// A Go program alive, and all the cores that can be had of it, read alike. Needs Go; gdb for gcore; core(5) as a plain
// file.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <thread>

#include "binary/pclntab.h"
#include "process/core.h"
#include "process/live.h"
#include "process/snapshot.h"

namespace gopsy::process {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

constexpr std::string_view kProgram = R"(package main

import (
	"fmt"
	"os"
	"strings"
	"time"
)

var marker = [4]uint64{0x1122334455667788, 1, 2, 3}

func main() {
	heap := strings.Repeat("gopsy!!!", 1<<17)
	fmt.Printf("%p %p\n", &marker, heapOf(heap))
	os.Stdout.Close()
	if len(os.Args) > 1 {
		var m map[string]int
		m["x"] = 1
	}
	time.Sleep(time.Hour)
	fmt.Println(heap)
}

func heapOf(text string) *byte {
	bytes := []byte(text)
	kept = bytes
	return &bytes[0]
}

var kept []byte
)";

bool succeeds(const std::string& command) { return std::system((command + " >/dev/null 2>&1").c_str()) == 0; }

/// The program, built once per flags, in a folder that goes away.
class GoProgram : public testing::TestWithParam<std::pair<const char*, const char*>> {
 public:
  static void SetUpTestSuite() {
    folder_ = fs::path(testing::TempDir()) / ("gopsy-go-" + std::to_string(::getpid()));
    fs::create_directories(folder_);
    std::ofstream(folder_ / "main.go") << kProgram;
    std::ofstream(folder_ / "go.mod") << "module example.com/server\n\ngo 1.19\n";
  }
  static void TearDownTestSuite() { fs::remove_all(folder_); }

 protected:
  void SetUp() override {
    if (!succeeds("command -v go")) GTEST_SKIP() << "Go is not installed";
    program_ = (folder_ / GetParam().first).string();
    if (!fs::exists(program_))
      ASSERT_TRUE(succeeds("cd " + folder_.string() + " && go build " + GetParam().second + " -o " + program_));
  }
  void TearDown() override { end(); }

  // Starts it and reads the two addresses that it prints.
  void start(bool dies) {
    std::array<int, 2> out{};
    ASSERT_EQ(::pipe2(out.data(), O_CLOEXEC), 0);
    pid_ = ::fork();
    if (pid_ == 0) {
      ::dup2(out[1], STDOUT_FILENO);
      ::freopen("/dev/null", "w", stderr);
      const rlimit unlimited{RLIM_INFINITY, RLIM_INFINITY};
      ::setrlimit(RLIMIT_CORE, &unlimited);
      ::setenv("GOTRACEBACK", "crash", 1);
      if (::chdir(folder_.c_str()) != 0) ::_exit(1);
      ::execl(program_.c_str(), program_.c_str(), dies ? "die" : nullptr, nullptr);
      ::_exit(1);
    }
    ::close(out[1]);
    std::string text;
    std::array<char, 256> part{};
    for (ssize_t got = 0; (got = ::read(out[0], part.data(), part.size())) > 0;)
      text.append(part.data(), static_cast<std::size_t>(got));
    ::close(out[0]);
    ASSERT_EQ(std::sscanf(text.c_str(), "%lx %lx", &marker_, &heap_), 2) << text;
  }
  void end() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }
  [[nodiscard]] std::uint32_t pid() const { return static_cast<std::uint32_t>(pid_); }

  void expect_all_there(const Opened<Image>& image) const {
    ASSERT_TRUE(image) << image.error().message;
    EXPECT_TRUE(image->is_go());
    EXPECT_EQ(image->pid, static_cast<std::uint32_t>(last_pid_));
    EXPECT_EQ(image->program, fs::path(program_).filename().string().substr(0, 15));
    EXPECT_GE(image->threads.size(), 2);
    EXPECT_EQ(image->memory->word(marker_), 0x1122334455667788);
    std::string heap(std::size_t{1} << 20, '\0');
    ASSERT_EQ(image->memory->read(heap_, heap), heap.size());
    EXPECT_EQ(heap.substr(0, 8) + heap.substr(heap.size() - 8), "gopsy!!!gopsy!!!");
    ASSERT_NE(image->object(), nullptr);
    ASSERT_NE(image->object()->pclntab(), nullptr);
    const auto function = image->object()->pclntab()->function(0);
    std::string code(64, '\0');
    EXPECT_EQ(image->memory->read(function.start + image->executable.bias, code), code.size());
    EXPECT_EQ(code, image->object()->elf().memory(function.start, code.size()));
  }

  static inline fs::path folder_;
  std::string program_;
  pid_t pid_ = 0;
  pid_t last_pid_ = 0;
  std::uint64_t marker_ = 0;
  std::uint64_t heap_ = 0;
};

INSTANTIATE_TEST_SUITE_P(Builds, GoProgram,
                         testing::Values(std::pair{"plain", ""}, std::pair{"stripped", "-ldflags='-s -w'"},
                                         std::pair{"pie", "-buildmode=pie -ldflags='-s -w'"}),
                         [](const auto& info) { return info.param.first; });

TEST_P(GoProgram, ThatRunsIsReadInPlace) {
  start(/*dies=*/false);
  last_pid_ = pid_;
  const auto image = open_live(pid(), {});
  expect_all_there(image);
  EXPECT_EQ(image->executable.path, "/proc/" + std::to_string(pid_) + "/exe");
}

TEST_P(GoProgram, IsReadFromItsSnapshot) {
  start(/*dies=*/false);
  last_pid_ = pid_;
  std::string path = program_ + ".snapshot";
  const auto report = write_snapshot(pid(), path, {});
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_LT(report->file_bytes, 2 * report->resident_bytes);
  expect_all_there(open_core(path, {}));
}

/// gcore takes seconds: one build is enough.
class GoProgramForGcore : public GoProgram {};
INSTANTIATE_TEST_SUITE_P(Builds, GoProgramForGcore,
                         testing::Values(std::pair{"pie", "-buildmode=pie -ldflags='-s -w'"}));

TEST_P(GoProgramForGcore, IsReadFromTheCoreOfGcore) {
  if (!succeeds("command -v gcore")) GTEST_SKIP() << "gdb is not installed";
  start(/*dies=*/false);
  last_pid_ = pid_;
  ASSERT_TRUE(succeeds("gcore -o " + program_ + ".gcore " + std::to_string(pid_)));
  const std::string path = program_ + ".gcore." + std::to_string(pid_);
  expect_all_there(open_core(path, {}));
  fs::remove(path);
}

TEST_P(GoProgram, ThatPanickedIsReadFromTheCoreOfTheKernel) {
  std::string pattern;
  std::getline(std::ifstream("/proc/sys/kernel/core_pattern"), pattern);
  if (pattern != "core") GTEST_SKIP() << "core_pattern is " << pattern;
  const fs::path core = folder_ / "core";
  fs::remove(core);
  start(/*dies=*/true);
  last_pid_ = pid_;
  int status = 0;
  ::waitpid(pid_, &status, 0);
  pid_ = 0;
  if (!WCOREDUMP(status)) GTEST_SKIP() << "the kernel wrote no core";
  const auto image = open_core(core.string(), {});
  expect_all_there(image);
  ASSERT_TRUE(image->signal);
  EXPECT_EQ(image->signal->number, SIGABRT);
  EXPECT_EQ(image->coverage->missing_bytes, 0);

  // The build id is in the core itself: another program is refused without a look at its name.
  const auto other = open_core(core.string(), {.executable = {.given = "/proc/self/exe"}});
  ASSERT_FALSE(other);
  EXPECT_THAT(other.error().message, HasSubstr("is not the program of this process"));
  EXPECT_FALSE(open_core(core.string(), {.executable = {.look = false}})->executable.ids.go.empty());
}

}  // namespace
}  // namespace gopsy::process
