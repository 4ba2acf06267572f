#include "analyze/deadlock.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "support/log_builder.h"

namespace gopsy::analyze {
namespace {

using test::GoroutineText;

struct Answer {
  model::Incident incident;
  Deadlock deadlock;
};

Answer answer(const std::vector<GoroutineText>& goroutines) {
  Answer answer{.incident = test::incident_of(test::deadlock_of(goroutines)), .deadlock = {}};
  answer.deadlock = deadlock_of(answer.incident.evidence[0].log->tracebacks[0], answer.incident.symbols);
  return answer;
}

GoroutineText waits(std::uint64_t id, const std::string& state) {
  return {.id = id, .state = state, .frames = {"main.run()"}, .created_by = id == 1 ? "" : "main.main in goroutine 1"};
}

GoroutineText locks(std::uint64_t id, const std::string& address) {
  return {.id = id,
          .state = "sync.Mutex.Lock",
          .frames = {"sync.(*Mutex).lockSlow(" + address + ")", "main.run()"},
          .created_by = "main.main in goroutine 1"};
}

TEST(DeadlockOf, NilChannelBeatsEverythingElse) {
  const auto a =
      answer({waits(1, "sync.WaitGroup.Wait"), waits(7, "chan receive (nil chan)"), locks(8, "0xc000010000")});
  EXPECT_EQ(a.deadlock.kind, DeadlockKind::NilChannel);
  ASSERT_EQ(a.deadlock.culprits.size(), 1U);
  EXPECT_EQ(a.deadlock.culprits[0].goroutine->id, 7U);
  EXPECT_EQ(a.deadlock.sleepers.size(), 3U);
}

TEST(DeadlockOf, EmptySelectIsTheCauseOnlyIfNobodyWaitsForAnythingElse) {
  EXPECT_EQ(answer({waits(1, "select (no cases)")}).deadlock.kind, DeadlockKind::NilChannel);
  EXPECT_EQ(answer({waits(1, "select (no cases)"), waits(7, "chan receive")}).deadlock.kind, DeadlockKind::NoPeer);
}

TEST(DeadlockOf, WaitersOfDifferentLocksAreALockOrder) {
  const auto a = answer({waits(1, "sync.WaitGroup.Wait"), locks(7, "0xc000010000"), locks(8, "0xc000020000")});
  EXPECT_EQ(a.deadlock.kind, DeadlockKind::LockOrder);
  EXPECT_EQ(a.deadlock.culprits.size(), 2U);
}

TEST(DeadlockOf, WaitersOfOneLockAreASelfLock) {
  EXPECT_EQ(answer({locks(7, "0xc000010000"), locks(8, "0xc000010000")}).deadlock.kind, DeadlockKind::SelfLock);
}

TEST(DeadlockOf, ALockAndAChannelCannotBeToldApart) {
  EXPECT_EQ(answer({waits(1, "chan receive"), locks(7, "0xc000010000")}).deadlock.kind, DeadlockKind::AllAsleep);
}

TEST(DeadlockOf, AReaderBehindAWriterIsARecursiveRLock) {
  EXPECT_EQ(answer({waits(1, "sync.RWMutex.RLock"), waits(7, "sync.RWMutex.Lock")}).deadlock.kind,
            DeadlockKind::RecursiveRLock);
}

TEST(DeadlockOf, AWriterAloneIsASelfLock) {
  EXPECT_EQ(answer({waits(1, "sync.RWMutex.Lock")}).deadlock.kind, DeadlockKind::SelfLock);
}

TEST(DeadlockOf, AWaitGroupWaitsForWorkersThatWaitOrAreGone) {
  EXPECT_EQ(answer({waits(1, "sync.WaitGroup.Wait"), waits(7, "chan receive")}).deadlock.kind,
            DeadlockKind::WaitingForWorkers);
  EXPECT_EQ(answer({waits(1, "sync.WaitGroup.Wait")}).deadlock.kind, DeadlockKind::WaitingForWorkers);
}

TEST(DeadlockOf, ChannelsAndCondsAloneHaveNoPeer) {
  for (const char* state : {"chan receive", "chan send", "select", "sync.Cond.Wait"})
    EXPECT_EQ(answer({waits(1, state)}).deadlock.kind, DeadlockKind::NoPeer) << state;
}

TEST(DeadlockOf, ATracebackWithoutGoroutinesIsAllAsleep) {
  const auto incident = test::incident_of("fatal error: all goroutines are asleep - deadlock!\n");
  const Deadlock deadlock = deadlock_of(incident.evidence[0].log->tracebacks[0], incident.symbols);
  EXPECT_EQ(deadlock.kind, DeadlockKind::AllAsleep);
  EXPECT_TRUE(deadlock.sleepers.empty());
}

TEST(DeadlockOf, GoroutinesOfTheRuntimeDoNotSleepInTheProgramSName) {
  const auto a = answer({waits(1, "chan receive"), waits(2, "force gc (idle)"), waits(3, "GC sweep wait"),
                         waits(4, "finalizer wait"), waits(5, "cleanup wait")});
  EXPECT_EQ(a.deadlock.sleepers.size(), 1U);
}

TEST(RecursiveOnces, NeedTheSameOnceTwiceInOneStack) {
  GoroutineText once{.id = 1,
                     .state = "sync.Mutex.Lock",
                     .frames = {"sync.(*Mutex).lockSlow(0xc000010000)", "sync.(*Once).doSlow(0xc000010000, 0x0)",
                                "main.main.func1()", "sync.(*Once).doSlow(0xc000010000, 0x0)", "main.main()"},
                     .created_by = ""};
  EXPECT_EQ(answer({once}).deadlock.kind, DeadlockKind::SelfLock);
  EXPECT_EQ(answer({once}).deadlock.culprits.size(), 1U);
  once.frames.erase(once.frames.begin() + 3);
  EXPECT_FALSE(answer({once}).deadlock.culprits.empty());
  const auto incident = test::incident_of(test::deadlock_of({once}));
  EXPECT_TRUE(recursive_onces(incident.evidence[0].log->tracebacks[0], incident.symbols).empty());
}

}  // namespace
}  // namespace gopsy::analyze
