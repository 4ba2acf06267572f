#include <gtest/gtest.h>

#include "support/diagnosis.h"
#include "support/golden.h"
#include "support/trace_facts_builder.h"

namespace gopsy::rules {
namespace {

using test::TraceFactsBuilder;
constexpr std::int64_t kMs = TraceFactsBuilder::kMs;
constexpr std::int64_t kSecond = TraceFactsBuilder::kSecond;

TEST(TraceDeadlock, NeedsASecondInWhichNothingHappened) {
  for (const auto& [quiet, fires] : {std::pair{kSecond, true}, std::pair{kSecond - 1, false}}) {
    TraceFactsBuilder trace(5 * kSecond);
    const auto lock = trace.stack({"sync.(*Mutex).Lock", "main.worker"});
    trace.waits("sync", lock, 2 * kSecond);
    trace.waits("sync", lock, quiet);
    EXPECT_EQ(trace.find("trace.deadlock") != nullptr, fires) << quiet;
  }
}

TEST(TraceDeadlock, NeedsThreeSecondsWhereATimerIsPossible) {
  for (const auto& [quiet, fires] : {std::pair{3 * kSecond, true}, std::pair{3 * kSecond - 1, false}}) {
    TraceFactsBuilder trace(5 * kSecond);
    trace.waits("chan receive", trace.stack({"runtime.chanrecv1", "main.worker"}), quiet);
    EXPECT_EQ(trace.find("trace.deadlock") != nullptr, fires) << quiet;
  }
}

TEST(TraceDeadlock, IsNoneWhileOneSleepsOrReadsOrRuns) {
  for (const std::string_view reason : {"sleep", "network"}) {
    TraceFactsBuilder trace(5 * kSecond);
    const auto stack = trace.stack({"main.worker"});
    trace.waits("chan send", stack, 4 * kSecond);
    trace.waits(reason, stack, 4 * kSecond);
    EXPECT_EQ(trace.find("trace.deadlock"), nullptr) << reason;
  }
  TraceFactsBuilder trace(5 * kSecond);
  const auto stack = trace.stack({"main.worker"});
  trace.waits("chan send", stack, 4 * kSecond);
  trace.waits("", stack, 4 * kSecond).now.state = model::GoState::Syscall;
  EXPECT_EQ(trace.find("trace.deadlock"), nullptr);
}

TEST(TraceDeadlock, LeavesTheRuntimeOutAndIsCarefulBesideSignals) {
  TraceFactsBuilder trace(5 * kSecond);
  const auto stack = trace.stack({"runtime.chanrecv1", "main.worker"});
  trace.waits("chan receive", stack, 4 * kSecond);
  trace.waits("sleep", stack, kSecond, "runtime.bgscavenge");
  trace.waits("sleep", stack, kSecond, "runtime/trace.Start.func1");
  EXPECT_NE(trace.find("trace.deadlock"), nullptr);
  trace.waits("", stack, kSecond, "os/signal.loop").now.state = model::GoState::Syscall;
  EXPECT_EQ(trace.find("trace.deadlock"), nullptr);
}

TEST(TraceStuck, BeginsAtASecondAndIsAWarningForLocksOnly) {
  for (const auto& [age, fires] : {std::pair{kSecond, true}, std::pair{kSecond - 1, false}}) {
    TraceFactsBuilder trace(5 * kSecond);
    trace.waits("sync", trace.stack({"sync.(*Mutex).Lock", "main.worker"}), age);
    trace.waits("sleep", trace.stack({"time.Sleep", "main.main"}), kMs);
    EXPECT_EQ(trace.find("trace.stuck") != nullptr, fires) << age;
  }
  TraceFactsBuilder trace(5 * kSecond);
  trace.waits("chan send", trace.stack({"runtime.chansend1", "main.worker"}), kSecond);
  trace.waits("sleep", trace.stack({"time.Sleep", "main.main"}), kMs);
  ASSERT_NE(trace.find("trace.stuck"), nullptr);
  EXPECT_EQ(trace.find("trace.stuck")->severity, Severity::Info);
}

// Goroutines made one after the other, as many in each of the first `quarters` of the trace.
TraceFactsBuilder leaked(std::uint64_t count, int quarters, std::int64_t age_ns, std::string_view reason) {
  TraceFactsBuilder trace(10 * kSecond);
  const auto stack = trace.stack({"runtime.chansend1", "main.ask.func1"});
  const auto quarter = (10 * kSecond - kSecond) / 4;
  for (std::uint64_t i = 0; i < count; ++i)
    trace.waits(reason, stack, age_ns, "main.ask.func1", quarter * (static_cast<int>(i) % quarters) + kMs);
  trace.waits("sleep", trace.stack({"time.Sleep", "main.main"}), kMs).found = true;
  trace.facts.ending.functions.push_back({.name = trace.text("main.ask.func1"), .created = count});
  return trace;
}

TEST(TraceLeak, NeedsEightOfThreeQuartersThatWaitForATenthOfTheTrace) {
  EXPECT_NE(leaked(8, 4, kSecond, "chan send").find("trace.leak"), nullptr);
  EXPECT_NE(leaked(9, 3, kSecond, "chan send").find("trace.leak"), nullptr);
  EXPECT_EQ(leaked(7, 4, kSecond, "chan send").find("trace.leak"), nullptr);
  EXPECT_EQ(leaked(8, 2, kSecond, "chan send").find("trace.leak"), nullptr);
  EXPECT_EQ(leaked(8, 4, kSecond - 1, "chan send").find("trace.leak"), nullptr);
  EXPECT_EQ(leaked(8, 4, kSecond, "network").find("trace.leak"), nullptr);
}

TEST(TraceNeverEnded, IsOfThoseThatDoSomethingAndHardlyEverEnd) {
  EXPECT_NE(leaked(8, 4, kMs, "sleep").find("trace.never-ended"), nullptr);
  EXPECT_EQ(leaked(7, 4, kMs, "sleep").find("trace.never-ended"), nullptr);
  for (const auto& [ended, fires] : {std::pair{2U, true}, std::pair{3U, false}}) {
    auto trace = leaked(8, 4, kMs, "sleep");
    trace.facts.ending.functions[0].ended = ended;
    EXPECT_EQ(trace.find("trace.never-ended") != nullptr, fires) << ended;
  }
}

TEST(TraceNeverRan, BeginsAtTheThresholdAndIsAWarningFromTenTurnsOn) {
  const auto with = [](std::int64_t age) {
    TraceFactsBuilder trace(kSecond);
    auto& g = trace.waits("", 0, age);
    g.now.state = model::GoState::Runnable;
    g.now.begun = model::TraceType::GoCreate;
    g.starts = 0;
    const auto* finding = trace.find("trace.never-ran");
    return finding == nullptr ? std::string() : std::string(name_of(finding->severity));
  };
  EXPECT_EQ(with(10 * kMs - 1), "");
  EXPECT_EQ(with(10 * kMs), "info");
  EXPECT_EQ(with(100 * kMs - 1), "info");
  EXPECT_EQ(with(100 * kMs), "warning");
}

TEST(TraceBlockedLong, CountsLocksAndSendsAndWarnsOfLocksFromAHundredThresholds) {
  const auto with = [](std::string_view reason, std::string_view function, std::int64_t longest, std::uint64_t over) {
    TraceFactsBuilder trace(5 * kSecond);
    trace.facts.signs.waits.push_back({.stack = trace.stack({function, "main.f"}),
                                       .reason = trace.text(reason),
                                       .count = 9,
                                       .over = over,
                                       .longest = {.end_ns = longest}});
    const auto* finding = trace.find("trace.blocked-long");
    return finding == nullptr ? std::string() : std::string(name_of(finding->severity));
  };
  EXPECT_EQ(with("sync", "sync.(*Mutex).Lock", kSecond, 1), "warning");
  EXPECT_EQ(with("sync", "sync.(*Mutex).Lock", kSecond - 1, 1), "info");
  EXPECT_EQ(with("sync", "sync.(*Mutex).Lock", kMs, 0), "");
  EXPECT_EQ(with("chan send", "runtime.chansend1", kSecond, 1), "info");
  EXPECT_EQ(with("chan receive", "runtime.chanrecv1", kSecond, 1), "");
  EXPECT_EQ(with("sync", "sync.(*WaitGroup).Wait", kSecond, 1), "");
}

TEST(TraceLockConvoy, NeedsSixteenTurnsInARowAndAQueueForHalfOfTheTime) {
  const auto with = [](std::uint64_t run, std::int64_t queued, bool of_runtime) {
    TraceFactsBuilder trace(kSecond);
    model::TraceLockSite site{.example = trace.stack({"sync.(*Mutex).Lock", "main.f"}), .call = "sync.(*Mutex).Lock"};
    site.of_runtime = of_runtime;
    site.waits = 40;
    site.longest_run = run;
    site.queued_ns = queued;
    trace.facts.chains.locks.push_back(site);
    return trace.find("trace.lock-convoy") != nullptr;
  };
  EXPECT_TRUE(with(16, kSecond / 2, false));
  EXPECT_FALSE(with(15, kSecond / 2, false));
  EXPECT_FALSE(with(16, kSecond / 2 - 1, false));
  EXPECT_FALSE(with(16, kSecond / 2, true));
}

TEST(TraceSerialBottleneck, NeedsABusyGoroutineTwoThatWaitAndFreeCpus) {
  const auto with = [](std::int64_t busy, std::int64_t ended, std::int64_t all_running) {
    TraceFactsBuilder trace(kSecond);
    trace.facts.times.all.running_ns = all_running;
    trace.facts.signs.servers.push_back(
        {.goroutine = 5, .function = trace.text("main.f"), .busy_ns = busy, .running_ns = busy, .ended_ns = ended});
    return trace.find("trace.serial-bottleneck") != nullptr;
  };
  EXPECT_TRUE(with(900 * kMs, 2 * kSecond, kSecond));
  EXPECT_FALSE(with(899 * kMs, 2 * kSecond, kSecond));
  EXPECT_FALSE(with(900 * kMs, 2 * kSecond - kMs, kSecond));
  EXPECT_TRUE(with(900 * kMs, 2 * kSecond, 1600 * kMs));
  EXPECT_FALSE(with(900 * kMs, 2 * kSecond, 1601 * kMs));
}

TEST(TraceStarvation, NeedsASecondHalfOfTheTimeAndFourForEachP) {
  const auto with = [](std::int64_t full, std::int64_t counted, double queued) {
    TraceFactsBuilder trace(counted);
    auto& load = trace.facts.signs.load;
    load.full_ns = full;
    load.counted_ns = counted;
    load.full_queue_ns = queued * static_cast<double>(full);
    return trace.find("trace.starvation") != nullptr;
  };
  EXPECT_TRUE(with(kSecond, 2 * kSecond, 8));
  EXPECT_FALSE(with(kSecond - 1, kSecond, 8));
  EXPECT_FALSE(with(kSecond, 2 * kSecond + 1, 8));
  EXPECT_FALSE(with(kSecond, 2 * kSecond, 7.99));
}

TEST(TraceSchedulerLatency, NeedsAHundredWakeUpsASecondAndTheThresholdAtTheirTail) {
  const auto with = [](std::uint64_t count, std::int64_t p99, std::int64_t wall) {
    TraceFactsBuilder trace(wall);
    trace.facts.times.after_unblock.count = count;
    trace.facts.times.after_unblock.p99_ns = p99;
    return trace.find("trace.scheduler-latency") != nullptr;
  };
  EXPECT_TRUE(with(100, 10 * kMs, kSecond));
  EXPECT_FALSE(with(99, 10 * kMs, kSecond));
  EXPECT_FALSE(with(100, 10 * kMs - 1, kSecond));
  EXPECT_FALSE(with(100, 10 * kMs, kSecond - 1));
}

TEST(TraceGreedy, WarnsOfThreeSlowStopsOfOnePlaceOrAVeryLongOne) {
  const auto with = [](int stops, std::int64_t ns) {
    TraceFactsBuilder trace(kSecond);
    const auto stack = trace.stack({"main.loop"});
    for (int i = 0; i < stops; ++i)
      trace.facts.signs.slow_stops.push_back({.end_ns = ns, .goroutine = 1, .by = 7, .by_stack = stack});
    const auto* finding = trace.find("trace.greedy");
    return finding == nullptr ? std::string() : std::string(name_of(finding->severity));
  };
  EXPECT_EQ(with(3, 10 * kMs), "warning");
  EXPECT_EQ(with(2, 10 * kMs), "info");
  EXPECT_EQ(with(3, 10 * kMs - 1), "");
  EXPECT_EQ(with(1, 100 * kMs), "warning");
  EXPECT_EQ(with(1, 100 * kMs - 1), "info");
}

TEST(TraceStopTheWorld, JudgesTheLongestTheShareAndWhatTheProgramAsksFor) {
  const auto with = [](std::uint64_t count, std::int64_t total, std::int64_t longest, std::string kind) {
    TraceFactsBuilder trace(kSecond);
    trace.facts.times.stops.push_back({.name = kind, .count = count, .total_ns = total, .longest_ns = longest});
    trace.facts.gc.worst_stops.push_back({.begin_ns = 0, .length_ns = longest, .kind = kind});
    const auto* finding = trace.find("trace.stop-the-world");
    return finding == nullptr ? std::string() : std::string(name_of(finding->severity));
  };
  EXPECT_EQ(with(1, 10 * kMs, 10 * kMs, "GC mark termination"), "info");
  EXPECT_EQ(with(1, 10 * kMs, 10 * kMs - 1, "GC mark termination"), "");
  EXPECT_EQ(with(1, 100 * kMs, 100 * kMs, "GC mark termination"), "warning");
  EXPECT_EQ(with(10, 50 * kMs, 5 * kMs, "GC mark termination"), "warning");
  EXPECT_EQ(with(10, 50 * kMs - 1, 5 * kMs, "GC mark termination"), "");
  EXPECT_EQ(with(10, kMs, kMs, "read mem stats"), "info");
  EXPECT_EQ(with(9, kMs, kMs, "read mem stats"), "");
}

TEST(TraceGcPressure, NeedsThreeCyclesAndMarkingNearlyAlwaysOrAssists) {
  const auto with = [](std::uint64_t cycles, std::int64_t mark, std::int64_t assist) {
    TraceFactsBuilder trace(kSecond);
    trace.facts.gc.cycles = cycles;
    trace.facts.gc.mark_ns = mark;
    trace.facts.gc.assist_ns = assist;
    trace.facts.times.functions.push_back({.name = "main.f", .states = {.running_ns = kSecond}});
    return trace.find("trace.gc-pressure") != nullptr;
  };
  EXPECT_TRUE(with(3, 800 * kMs, 0));
  EXPECT_FALSE(with(2, 800 * kMs, 0));
  EXPECT_FALSE(with(3, 799 * kMs, 0));
  EXPECT_TRUE(with(3, 200 * kMs, 50 * kMs));
  EXPECT_FALSE(with(3, 200 * kMs, 49 * kMs));
  EXPECT_FALSE(with(3, 199 * kMs, 50 * kMs));
}

TEST(TraceCreationStorm, NeedsAThousandShortLivesThatCostATwentieth) {
  const auto with = [](std::uint64_t created, std::uint64_t short_lived, std::int64_t running) {
    TraceFactsBuilder trace(kSecond);
    trace.facts.times.all.running_ns = running;
    model::TraceSigns::Creation made{.stack = trace.stack({"main.f"}), .function = trace.text("main.g")};
    made.created = made.ended = created;
    made.short_lived = short_lived;
    trace.facts.signs.creations.push_back(made);
    return trace.find("trace.creation-storm") != nullptr;
  };
  EXPECT_TRUE(with(1000, 500, 20 * kMs));
  EXPECT_FALSE(with(999, 500, 10 * kMs));
  EXPECT_FALSE(with(1000, 499, 20 * kMs));
  EXPECT_FALSE(with(1000, 500, 20 * kMs + 1000));
}

TEST(TraceSyscallThrash, NeedsAThousandASecondAndAFifthThatLoseTheirP) {
  const auto with = [](std::uint64_t count, std::uint64_t lost, std::int64_t wall) {
    TraceFactsBuilder trace(wall);
    trace.facts.signs.syscall_count = count;
    trace.facts.signs.syscalls.push_back(
        {.stack = trace.stack({"syscall.Read", "main.f"}), .count = count, .total_ns = kSecond, .lost_p = lost});
    return trace.find("trace.syscall-thrash") != nullptr;
  };
  EXPECT_TRUE(with(5000, 1000, kSecond));
  EXPECT_FALSE(with(5000, 999, kSecond));
  EXPECT_FALSE(with(5001, 1000, kSecond));
  EXPECT_FALSE(with(499, 499, kSecond / 10));
}

TEST(TraceTimerStorm, NeedsFiveHundredASecondAndHalfOfThemInVain) {
  const auto with = [](std::string_view reason, std::uint64_t woken, std::uint64_t vain) {
    TraceFactsBuilder trace(kSecond);
    trace.facts.signs.waits.push_back({.stack = trace.stack({"main.poll"}),
                                       .reason = trace.text(reason),
                                       .count = woken,
                                       .by_nobody = woken,
                                       .in_vain = vain});
    return trace.find("trace.timer-storm") != nullptr;
  };
  EXPECT_TRUE(with("sleep", 500, 250));
  EXPECT_FALSE(with("sleep", 499, 499));
  EXPECT_FALSE(with("sleep", 500, 249));
  EXPECT_FALSE(with("network", 500, 500));
}

TEST(TraceNetworkStall, KnowsWaitsForAnAnswerAndWarnsFromASecondOn) {
  const auto with = [](std::string_view function, std::int64_t longest) {
    TraceFactsBuilder trace(5 * kSecond);
    trace.facts.signs.waits.push_back({.stack = trace.stack({"internal/poll.runtime_pollWait", function, "main.f"}),
                                       .reason = trace.text("network"),
                                       .count = 1,
                                       .over = 1,
                                       .longest = {.end_ns = longest}});
    const auto* finding = trace.find("trace.network-stall");
    return finding == nullptr ? std::string() : std::string(name_of(finding->severity));
  };
  EXPECT_EQ(with("net.(*netFD).connect", kSecond), "warning");
  EXPECT_EQ(with("net.(*netFD).connect", kSecond - 1), "info");
  EXPECT_EQ(with("internal/poll.(*FD).Write", kSecond), "warning");
  EXPECT_EQ(with("net.(*netFD).accept", kSecond), "");
  EXPECT_EQ(with("net/http.(*connReader).backgroundRead", kSecond), "");
}

TEST(TraceTaskLatency, NeedsATailOfTenTimesTheMedianOrOneThatNeverEnds) {
  const auto with = [](std::uint64_t count, std::int64_t p50, std::int64_t p99, std::int64_t open_for) {
    TraceFactsBuilder trace(5 * kSecond);
    model::TraceTaskType type;
    type.name = "request";
    type.count = count;
    type.durations.count = count;
    type.durations.p50_ns = p50;
    type.durations.p99_ns = p99;
    if (open_for != 0) {
      type.unended = 1;
      type.open.push_back({.task = 9, .goid = 1, .begin_ns = 5 * kSecond - open_for});
    }
    trace.facts.tasks.tasks.push_back(type);
    return trace.find("trace.task-latency") != nullptr;
  };
  EXPECT_TRUE(with(20, kMs, 10 * kMs, 0));
  EXPECT_FALSE(with(19, kMs, 10 * kMs, 0));
  EXPECT_FALSE(with(20, kMs, 10 * kMs - 1, 0));
  EXPECT_FALSE(with(20, kMs + 1, 10 * kMs, 0));
  EXPECT_TRUE(with(20, kMs, kMs, 100 * kMs));
  EXPECT_FALSE(with(20, kMs, kMs, 100 * kMs - 1));
}

TEST(TraceRules, SayNothingWorseThanInformationOfHealthyPrograms) {
  for (const std::string_view path :
       {"tests/golden/rules/trace.greedy/near-miss-quiet-server.trace.gz",
        "tests/trace/recorded/esbuild.format19.trace.gz", "tests/trace/recorded/esbuild.format22.trace.gz",
        "tests/trace/recorded/esbuild.format23.trace.gz", "tests/trace/recorded/esbuild.format25.trace.gz",
        "tests/trace/recorded/esbuild.format26.trace.gz"}) {
    const auto diagnosis = test::diagnose_files({test::source_path(path)}, test::source_path(""));
    for (const auto& finding : diagnosis.findings)
      EXPECT_LT(finding.severity, Severity::Warning) << path << "\n" << test::finding_text(finding);
  }
}

}  // namespace
}  // namespace gopsy::rules
