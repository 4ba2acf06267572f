#include "process/pause.h"

#include <gmock/gmock.h>
#include <sys/mman.h>
#include <sys/ptrace.h>

#include <atomic>
#include <csignal>
#include <thread>

#include "support/child_process.h"

namespace gopsy::process {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

constexpr std::size_t kThreads = 4;

/// Memory that a child shares with us.
struct Shared {
  std::array<std::atomic<std::uint64_t>, kThreads> counts{};
  std::atomic<std::uint64_t> signals = 0;

  static Shared& make() {
    void* const at = ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return *new (at) Shared;
  }
  [[nodiscard]] std::uint64_t sum() const {
    std::uint64_t all = 0;
    for (const auto& count : counts) all += count;
    return all;
  }
};

Shared* shared = nullptr;

const RegisterLayout& own_layout() {
#if defined(__aarch64__)
  return *register_layout(binary::Machine::Arm64);
#else
  return *register_layout(binary::Machine::X86_64);
#endif
}

// Threads that count as fast as they can, one of them the first.
void count_forever() {
  std::signal(SIGRTMIN, [](int) { shared->signals += 1; });
  for (std::size_t i = 1; i < kThreads; ++i)
    std::thread([i] {
      for (;;) shared->counts[i] += 1;
    }).detach();
  std::thread([] {
    for (;;) shared->counts[0] += 1;
  }).detach();
  while (shared->sum() < 1000) {}
}

TEST(Pause, HoldsEveryThreadWithItsRegistersAndLetsThemGoOn) {
  shared = &Shared::make();
  const test::ChildProcess child(count_forever);
  {
    const auto pause = Pause::of(child.pid(), own_layout());
    ASSERT_TRUE(pause) << pause.error().message;
    const std::uint64_t before = shared->sum();
    const auto threads = (*pause)->threads();
    EXPECT_THAT(threads, SizeIs(kThreads + 1));
    EXPECT_EQ(threads[0].host_tid, child.pid());
    for (const Thread& thread : threads) {
      EXPECT_TRUE(thread.registers.complete);
      EXPECT_NE(thread.registers.pc(), 0);
      EXPECT_NE(thread.registers.sp(), 0);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    EXPECT_EQ(shared->sum(), before);
    EXPECT_EQ((*pause)->running(), 0);
    EXPECT_GE((*pause)->stood_still(), std::chrono::milliseconds(20));
  }
  const std::uint64_t after = shared->sum();
  for (int i = 0; i < 1000 && shared->sum() == after; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  EXPECT_GT(shared->sum(), after);
}

TEST(Pause, LosesNoSignalThatArrivesMeanwhile) {
  shared = &Shared::make();
  const test::ChildProcess child(count_forever);
  constexpr int kRounds = 100;
  for (int i = 0; i < kRounds; ++i) {
    ASSERT_EQ(::sigqueue(static_cast<pid_t>(child.pid()), SIGRTMIN, {}), 0);
    ASSERT_TRUE(Pause::of(child.pid(), own_layout()));
    ASSERT_EQ(::sigqueue(static_cast<pid_t>(child.pid()), SIGRTMIN, {}), 0);
  }
  for (int i = 0; i < 2000 && shared->signals != 2 * kRounds; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  EXPECT_EQ(shared->signals, 2 * kRounds);
}

TEST(Pause, LeavesAStoppedProcessStopped) {
  shared = &Shared::make();
  const test::ChildProcess child(count_forever);
  ASSERT_EQ(::kill(static_cast<pid_t>(child.pid()), SIGSTOP), 0);
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  ASSERT_TRUE(Pause::of(child.pid(), own_layout()));
  const std::uint64_t before = shared->sum();
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_EQ(shared->sum(), before);
}

TEST(Pause, NamesTheDebuggerThatHoldsTheProcess) {
  const test::ChildProcess child;
  ASSERT_EQ(::ptrace(PTRACE_SEIZE, static_cast<pid_t>(child.pid()), nullptr, nullptr), 0);
  const auto pause = Pause::of(child.pid(), own_layout());
  ASSERT_FALSE(pause);
  EXPECT_THAT(pause.error().message, HasSubstr("is held by a debugger, process " + std::to_string(::getpid())));
}

TEST(Pause, SaysThatTheProcessHasEnded) {
  test::ChildProcess child;
  const std::uint32_t pid = child.pid();
  child.end();
  const auto pause = Pause::of(pid, own_layout());
  ASSERT_FALSE(pause);
  EXPECT_THAT(pause.error().message, HasSubstr("there is no process"));
}

}  // namespace
}  // namespace gopsy::process
