#include "analyze/trace/chains.h"

#include <gmock/gmock.h>

#include "analyze/trace/told_trace.h"

namespace gopsy::analyze {
namespace {

using model::TraceChainEnd;
using model::TraceChains;
using model::TraceWaker;

constexpr std::int64_t kMs = 1'000'000;

struct Studied {
  TraceChains chains;
  model::TraceStacks stacks;
  model::Symbols symbols;
};

void study(ToldTrace& trace, Studied& studied, std::int64_t threshold_ns = 10 * kMs, std::size_t chunk = 512) {
  WaitChains part(threshold_ns);
  trace.study(studied.symbols, {&part}, {}, chunk);
  studied.chains = part.take();
  studied.stacks = trace.stacks;
}

/// 1 waits for 2, which waits for 3, which is in a system call from 10 to 52 ms.
ToldTrace three_in_a_row() {
  ToldTrace trace;
  const auto sync = trace.string("sync");
  const auto receive = trace.string("chan receive");
  const auto first = trace.stack({"sync.(*Mutex).Lock", "main.first"});
  const auto second = trace.stack({"runtime.chanrecv1", "main.second"});
  const auto call = trace.stack({"syscall.read", "main.third"});
  const auto unlock = trace.stack({"sync.(*Mutex).Unlock", "main.second"});
  const auto send = trace.stack({"runtime.chansend1", "main.third"});
  trace.runs(0, 1).runs(1, 2).runs(2, 3);
  trace.calls(10 * kMs, 3, call).blocks(11 * kMs, 2, receive, second).blocks(12 * kMs, 1, sync, first);
  trace.returns(52 * kMs, 3).wakes(53 * kMs, 3, 2, send).starts(54 * kMs, 2).wakes(55 * kMs, 2, 1, unlock);
  trace.starts(56 * kMs, 1);
  return trace;
}

TEST(TraceChains, FollowALongBlockBackToTheSystemCallThatHeldAllUp) {
  for (const std::size_t chunk : {std::size_t{1}, std::size_t{4}, std::size_t{512}}) {
    ToldTrace trace = three_in_a_row();
    Studied studied;
    study(trace, studied, 10 * kMs, chunk);
    ASSERT_EQ(studied.chains.worst.size(), 2U);
    const model::TraceChain& chain = studied.chains.worst[0];
    ASSERT_EQ(chain.links.size(), 2U);
    EXPECT_EQ(chain.links[0].goid, 101U);
    EXPECT_EQ(chain.links[0].waker, 102U);
    EXPECT_EQ(chain.links[0].length_ns(), 43 * kMs);
    EXPECT_EQ(chain.links[0].meanwhile.waiting_ns, 41 * kMs);
    EXPECT_EQ(chain.links[0].meanwhile.runnable_ns, 1 * kMs);
    EXPECT_EQ(chain.links[0].meanwhile.running_ns, 1 * kMs);
    EXPECT_EQ(chain.links[1].goid, 102U);
    EXPECT_EQ(chain.links[1].waker, 103U);
    EXPECT_EQ(chain.links[1].meanwhile.syscall_ns, 41 * kMs);
    EXPECT_EQ(chain.end, TraceChainEnd::Syscall);
    EXPECT_EQ(studied.chains.long_blocks, 2U);
    EXPECT_EQ(studied.chains.idle_blocks, 0U);
    EXPECT_EQ(studied.chains.patterns.size(), 2U);
  }
}

TEST(TraceChains, FollowOnlyBlocksOfAtLeastTheThreshold) {
  ToldTrace trace = three_in_a_row();
  Studied studied;
  study(trace, studied, 43 * kMs);
  EXPECT_EQ(studied.chains.long_blocks, 1U);
  ToldTrace again = three_in_a_row();
  Studied none;
  study(again, none, 43 * kMs + 1);
  EXPECT_EQ(none.chains.long_blocks, 0U);
  EXPECT_TRUE(none.chains.patterns.empty());
}

TEST(TraceChains, SayWhoEndedBlocksAndNameTimersAndTheNetwork) {
  ToldTrace trace = three_in_a_row();
  const auto network = trace.string("network");
  const auto sleep = trace.string("sleep");
  trace.blocks(60 * kMs, 1, network).blocks(60 * kMs + 1, 2, sleep).wakes(70 * kMs, 0, 1).wakes(71 * kMs, 0, 2);
  Studied studied;
  study(trace, studied);
  ASSERT_EQ(studied.chains.wakes.size(), 4U);
  std::vector<TraceWaker> wakers;
  for (const auto& wake : studied.chains.wakes) wakers.push_back(wake.waker);
  EXPECT_THAT(wakers, testing::ElementsAre(TraceWaker::Goroutine, TraceWaker::Goroutine, TraceWaker::Timer,
                                           TraceWaker::Network));
  EXPECT_EQ(studied.chains.wakes[0].total_ns, 43 * kMs);
  EXPECT_EQ(studied.chains.wakes[0].longest_goid, 101U);
  EXPECT_EQ(studied.chains.wakes[0].longest_waker, 102U);
}

TEST(TraceChains, CallWaitsForSomeoneWhoSleepsIdle) {
  ToldTrace trace;
  const auto receive = trace.string("chan receive");
  const auto sleep = trace.string("sleep");
  trace.runs(0, 1).runs(1, 2).blocks(kMs, 2, sleep).blocks(2 * kMs, 1, receive).wakes(50 * kMs, 0, 2);
  trace.starts(51 * kMs, 2).wakes(52 * kMs, 2, 1);
  Studied studied;
  study(trace, studied);
  ASSERT_EQ(studied.chains.patterns.size(), 1U);
  EXPECT_TRUE(studied.chains.patterns[0].longest.idle());
  EXPECT_EQ(studied.chains.patterns[0].longest.end, TraceChainEnd::Timer);
  EXPECT_EQ(studied.chains.idle_blocks, 1U);
  EXPECT_TRUE(studied.chains.worst.empty());
}

TEST(TraceChains, DoNotTakeAWorkerOfTheCollectorThatHandsOnAPacketForTheCause) {
  ToldTrace trace;
  const auto network = trace.string("network");
  const auto worker = trace.stack({"runtime.gcBgMarkWorker"});
  trace.runs(0, 1).creates(1, 1, 2, worker).starts(2, 2).blocks(kMs, 1, network).wakes(50 * kMs, 2, 1);
  Studied studied;
  study(trace, studied);
  EXPECT_EQ(studied.chains.long_blocks, 0U);
  ASSERT_EQ(studied.chains.wakes.size(), 1U);
  EXPECT_EQ(studied.chains.wakes[0].waker, TraceWaker::Network);
}

TEST(TraceChains, KnowWhetherTheWakerComputedOrWaitedForAProcessorOrWasNotThereYet) {
  const auto end_of = [](auto&& meanwhile) {
    ToldTrace trace;
    const auto receive = trace.string("chan receive");
    trace.runs(0, 1).runs(1, 3).blocks(2, 1, receive);
    meanwhile(trace);
    trace.wakes(100 * kMs, 2, 1);
    Studied studied;
    study(trace, studied);
    return studied.chains.worst.empty() ? TraceChainEnd::Depth : studied.chains.worst[0].end;
  };
  EXPECT_EQ(end_of([](ToldTrace& t) { t.creates(3, 3, 2).starts(4, 2); }), TraceChainEnd::Running);
  EXPECT_EQ(end_of([](ToldTrace& t) { t.creates(3, 3, 2).starts(90 * kMs, 2); }), TraceChainEnd::Runnable);
  EXPECT_EQ(end_of([](ToldTrace& t) { t.creates(60 * kMs, 3, 2).starts(61 * kMs, 2); }), TraceChainEnd::Created);
}

TEST(TraceChains, CoverALongPastWithoutKeepingAllOfIt) {
  ToldTrace trace;
  const auto receive = trace.string("chan receive");
  const auto sync = trace.string("sync");
  trace.runs(0, 1).runs(1, 2).blocks(2, 1, receive);
  std::int64_t now = kMs;
  for (int i = 0; i < 1000; ++i, now += 10 * kMs)
    trace.blocks(now, 2, sync).wakes(now + 6 * kMs, 0, 2).starts(now + 7 * kMs, 2);
  trace.wakes(now, 2, 1);
  Studied studied;
  study(trace, studied);
  ASSERT_EQ(studied.chains.worst.size(), 1U);
  const model::TraceChainLink& link = studied.chains.worst[0].links[0];
  // Rounded down where the window cuts a folded entry.
  EXPECT_NEAR(static_cast<double>(link.meanwhile.sum_ns()), static_cast<double>(now - 2), 4);
  EXPECT_NEAR(static_cast<double>(link.meanwhile.waiting_ns), 6000e6, 1e6);
  EXPECT_NEAR(static_cast<double>(link.meanwhile.runnable_ns), 1000e6, 1e6);
  EXPECT_EQ(studied.chains.worst[0].end, TraceChainEnd::Mixed);
}

TEST(TraceLocks, CountWhatStandsInTheQueueAndWhatHoldersDo) {
  ToldTrace trace;
  const auto sync = trace.string("sync");
  const auto lock = trace.stack({"sync.(*Mutex).Lock", "main.work"});
  const auto unlock = trace.stack({"sync.(*Mutex).Unlock", "main.work"});
  const auto call = trace.stack({"syscall.write", "main.work"});
  trace.runs(0, 1).runs(1, 2).runs(2, 3).calls(10, 1, call);
  trace.blocks(100, 2, sync, lock).blocks(200, 3, sync, lock).returns(900, 1).wakes(1000, 1, 2, unlock);
  trace.starts(1010, 2).wakes(1110, 2, 3, unlock).starts(1200, 3);
  Studied studied;
  study(trace, studied, 1);
  ASSERT_EQ(studied.chains.locks.size(), 1U);
  const model::TraceLockSite& site = studied.chains.locks[0];
  EXPECT_EQ(site.call, "sync.(*Mutex).Lock");
  EXPECT_FALSE(site.of_runtime);
  EXPECT_EQ(site.waits, 2U);
  EXPECT_EQ(site.waited_ns, 900 + 910);
  EXPECT_EQ(site.queued_ns, 1010);
  EXPECT_EQ(site.crowded_ns, 800);
  EXPECT_EQ(site.longest_queue, 2U);
  EXPECT_EQ(site.handoffs, 1U);
  EXPECT_EQ(site.held.syscall_ns, 800);
  EXPECT_EQ(site.held.running_ns, 100 + 100);
  EXPECT_EQ(site.held.runnable_ns, 10);
  std::int64_t queue = 0;
  for (const std::int64_t ns : site.queue) queue += ns;
  EXPECT_EQ(queue, site.waited_ns);
}

TEST(TraceLocks, PutAllocationsThatWaitToBeginACollectionIntoOneRow) {
  ToldTrace trace;
  const auto sync = trace.string("sync");
  const auto a = trace.stack({"runtime.newobject", "main.a"});
  const auto b = trace.stack({"runtime.makeslice", "main.b"});
  trace.runs(0, 1).runs(1, 2).runs(2, 3).blocks(10, 1, sync, a).blocks(20, 2, sync, b);
  trace.wakes(50, 3, 1).wakes(60, 3, 2);
  Studied studied;
  study(trace, studied);
  ASSERT_EQ(studied.chains.locks.size(), 1U);
  EXPECT_TRUE(studied.chains.locks[0].of_runtime);
  EXPECT_EQ(studied.chains.locks[0].waits, 2U);
}

}  // namespace
}  // namespace gopsy::analyze
