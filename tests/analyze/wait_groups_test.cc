#include "analyze/wait_groups.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "analyze/lock_holders.h"
#include "support/log_builder.h"

namespace gopsy::analyze {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// `call` waits for the Mutex at `address`; further frames stand outside it.
test::GoroutineText waiter(std::uint64_t id, const std::string& address, const std::string& call,
                           std::vector<std::string> outer = {}) {
  test::GoroutineText text{.id = id,
                           .state = "sync.Mutex.Lock",
                           .frames = {"sync.runtime_SemacquireMutex(0x0?, 0x0?, 0x0?)",
                                      "sync.(*Mutex).lockSlow(" + address + ")", "sync.(*Mutex).Lock(...)", call},
                           .created_by = "main.serve in goroutine 1"};
  text.frames.insert(text.frames.end(), outer.begin(), outer.end());
  return text;
}

// The frames of a test goroutine are at lines 10, 11, …: three more above a call put it at a later line than a
// waiter's.
test::GoroutineText reader(std::uint64_t id, const std::string& call) {
  return {.id = id,
          .state = "IO wait",
          .frames = {"internal/poll.runtime_pollWait(0x1, 0x72)", "internal/poll.(*FD).Read(0xc1)",
                     "net.(*netFD).Read(0xc1)", "net.(*conn).Read(0xc1)", call},
          .created_by = "main.serve in goroutine 1"};
}

struct Answer {
  model::Incident incident;
  std::vector<Snapshot> snapshots;
  WaitGroups waits;

  explicit Answer(const std::vector<test::GoroutineText>& goroutines)
      : incident(test::incident_of(test::dump_of(goroutines))) {
    snapshots = snapshots_of(incident);
    waits = wait_groups(snapshots[0], incident.symbols);
  }

  [[nodiscard]] std::uint64_t id(std::uint32_t row) const { return snapshots[0].traceback->goroutines[row].id; }
  [[nodiscard]] std::uint64_t holder(std::size_t group) const {
    return waits.groups[group].proof == HolderProof::None ? 0 : id(waits.groups[group].holder);
  }
  [[nodiscard]] std::vector<std::uint64_t> cycle(std::size_t which) const {
    std::vector<std::uint64_t> ids;
    for (const auto g : waits.cycles[which].groups) ids.push_back(holder(g));
    return ids;
  }
};

TEST(WaitGroups, PutWaitersOfOneAddressTogether) {
  const Answer answer({waiter(5, "0xc0000140a8", "main.get(0x1)"), waiter(6, "0xc0000990a8", "main.get(0x1)"),
                       waiter(7, "0xc0000140a8", "main.put(0x1)")});
  ASSERT_EQ(answer.waits.groups.size(), 2U);
  EXPECT_THAT(answer.waits.groups[0].waiters, ElementsAre(0, 2));
  EXPECT_EQ(answer.waits.groups[0].address, 0xc0000140a8U);
}

TEST(WaitGroups, PutChannelsTogetherWhereTheTextHasTheirAddresses) {
  const test::GoroutineText send{.id = 5,
                                 .state = "chan send",
                                 .frames = {"runtime.chansend(0xc00010a000, 0x0)", "main.produce()"},
                                 .created_by = ""};
  test::GoroutineText receive{.id = 6,
                              .state = "chan receive",
                              .frames = {"runtime.chanrecv(0xc00010a000, 0x0)", "main.consume()"},
                              .created_by = ""};
  test::GoroutineText hidden{.id = 7, .state = "chan receive", .frames = {"main.consume()"}, .created_by = ""};
  const Answer answer({send, receive, hidden});
  ASSERT_EQ(answer.waits.groups.size(), 1U);
  EXPECT_FALSE(answer.waits.groups[0].is_lock);
  EXPECT_EQ(answer.waits.groups[0].senders, 1U);
  EXPECT_THAT(answer.waits.groups[0].waiters, ElementsAre(0, 1));
}

TEST(WaitGroups, NameTheHolderByFunctionAndValue) {
  const Answer answer({waiter(5, "0xc0000140a8", "main.(*store).Get(0xc0000140a0)"),
                       reader(9, "main.(*store).Get(0xc0000140a0)"), reader(10, "main.(*store).Get(0xc0000150a0)")});
  EXPECT_EQ(answer.waits.groups[0].proof, HolderProof::SameFunctionAndValue);
  EXPECT_EQ(answer.holder(0), 9U);
  EXPECT_EQ(answer.waits.groups[0].value, 0xc0000140a0U);
}

TEST(WaitGroups, NameTheHolderByTheOnlyLockOfAFunction) {
  const Answer answer({waiter(5, "0x69e288", "main.step(0x1?)"), waiter(6, "0x69e288", "main.step(0x1?)"),
                       reader(9, "main.step(0x1?)")});
  EXPECT_EQ(answer.waits.groups[0].proof, HolderProof::SameFunction);
  EXPECT_EQ(answer.holder(0), 9U);
}

TEST(WaitGroups, NameNobodyWhereAFunctionTakesSeveralLocks) {
  const Answer answer({waiter(5, "0x69e288", "main.step(0x1?)"), waiter(6, "0x70e288", "main.step(0x1?)"),
                       reader(9, "main.step(0x1?)")});
  EXPECT_EQ(answer.holder(0), 0U);
  EXPECT_EQ(answer.holder(1), 0U);
}

TEST(WaitGroups, NameTheHolderInAnotherMethodOfTheValue) {
  const Answer answer(
      {waiter(5, "0xc0000140a8", "main.(*store).Get(0xc0000140a0)"), reader(9, "main.(*store).Refresh(0xc0000140a0)")});
  EXPECT_EQ(answer.waits.groups[0].proof, HolderProof::SameValue);
  EXPECT_EQ(answer.holder(0), 9U);
}

TEST(WaitGroups, FindTheValueWhereTheWaitersOwnReceiverIsStale) {
  const Answer answer(
      {waiter(5, "0xc0000140a8", "main.(*store).Get(0x0?)"), reader(9, "main.(*store).Refresh(0xc0000140a0)")});
  EXPECT_EQ(answer.waits.groups[0].value, 0xc0000140a0U);
  EXPECT_EQ(answer.holder(0), 9U);
}

TEST(WaitGroups, NameNobodyWhereTwoCouldHaveIt) {
  const Answer answer({waiter(5, "0xc0000140a8", "main.(*store).Get(0xc0000140a0)"),
                       reader(9, "main.(*store).Refresh(0xc0000140a0)"),
                       reader(10, "main.(*store).Refresh(0xc0000140a0)")});
  EXPECT_EQ(answer.holder(0), 0U);
}

TEST(WaitGroups, TellReadersOfAnRWMutexByTheirReceiver) {
  const auto read = [](std::uint64_t id, const std::string& receiver) {
    return test::GoroutineText{.id = id,
                               .state = "sync.RWMutex.RLock",
                               .frames = {"sync.runtime_SemacquireRWMutexR(0x0?)", "sync.(*RWMutex).RLock(...)",
                                          "main.(*cache).Get(" + receiver + ")"},
                               .created_by = ""};
  };
  const Answer answer({read(5, "0xc0000140a0"), read(6, "0xc0000140a0"), read(7, "0xc0000180a0"), read(8, "0x0?")});
  ASSERT_EQ(answer.waits.groups.size(), 2U);
  EXPECT_THAT(answer.waits.groups[0].waiters, ElementsAre(0, 1));
  EXPECT_FALSE(answer.waits.groups[0].address);
}

TEST(WaitCycles, AreFoundByTheArgumentsOfTwoTransfers) {
  const Answer answer({waiter(5, "0xc0000b0000", "main.transfer(0xc0000a0000, 0xc0000b0000)"),
                       waiter(6, "0xc0000a0000", "main.transfer(0xc0000b0000, 0xc0000a0000)")});
  ASSERT_EQ(answer.waits.cycles.size(), 1U);
  EXPECT_THAT(answer.cycle(0), testing::UnorderedElementsAre(5, 6));
  EXPECT_DOUBLE_EQ(answer.waits.cycles[0].confidence, 0.9);
}

TEST(WaitCycles, AreFoundInClosuresWithLessConfidence) {
  const Answer answer({waiter(5, "0xc0000b0000", "main.start.func1()"),
                       waiter(6, "0xc0000b0008", "main.start.func2()"),
                       {.id = 1,
                        .state = "sync.WaitGroup.Wait",
                        .frames = {"sync.(*WaitGroup).Wait(0x1)", "main.start()"},
                        .created_by = ""}});
  ASSERT_EQ(answer.waits.cycles.size(), 1U);
  EXPECT_DOUBLE_EQ(answer.waits.cycles[0].confidence, 0.5);
}

TEST(WaitCycles, OfOneIsALockTakenTwice) {
  const Answer answer(
      {waiter(5, "0xc0000140a8", "main.(*store).Get(0xc0000140a0)", {"main.(*store).Sum(0xc0000140a0)"})});
  ASSERT_EQ(answer.waits.cycles.size(), 1U);
  EXPECT_THAT(answer.cycle(0), ElementsAre(5));
}

TEST(WaitCycles, DoNotComeFromAQueueThatOneHolderWillEnd) {
  const Answer answer(
      {waiter(5, "0xc0000140a8", "main.(*store).Get(0xc0000140a0)", {"main.(*store).Sum(0xc0000140a0)"}),
       waiter(6, "0xc0000140a8", "main.(*store).Get(0xc0000140a0)", {"main.(*store).Sum(0xc0000140a0)"}),
       reader(9, "main.(*store).Refresh(0xc0000140a0)")});
  EXPECT_THAT(answer.waits.cycles, IsEmpty());
  EXPECT_EQ(answer.holder(0), 9U);
}

TEST(ReceiverType, IsThatOfTheMethodAlsoInClosures) {
  EXPECT_EQ(receiver_type("main.(*store).put"), "main.(*store)");
  EXPECT_EQ(receiver_type("example.com/a.b/c.(*T).M.func1"), "example.com/a.b/c.(*T)");
  EXPECT_EQ(receiver_type("main.run.func1"), "");
  EXPECT_EQ(receiver_type("main.(*broken"), "");
}

}  // namespace
}  // namespace gopsy::analyze
