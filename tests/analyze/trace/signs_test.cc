#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "analyze/trace/analyses.h"
#include "analyze/trace/join.h"
#include "analyze/trace/wait_kind.h"

namespace gopsy::analyze {
namespace {

using model::GoState;
using model::ProcState;
using model::TraceEvent;
using model::TraceFacts;
using model::TraceType;

constexpr std::int64_t kMs = 1'000'000;

// Rows of the story's strings.
enum Text : std::uint32_t { kNone, kLost, kReceive, kSleep, kSync, kSweep, kMain, kWorker, kPanic, kFile };
// Rows of its stacks: main.main, main.worker, and main.worker under a panic.
enum Stack : std::uint32_t { kInMain = 2, kInWorker = 3, kInPanic = 4 };

class Story {
 public:
  Story() {
    tables_.strings = {"",          "lost",        "chan receive",    "sleep",  "sync", "GC sweep termination",
                       "main.main", "main.worker", "runtime.gopanic", "main.go"};
    tables_.frames = {{.pc = 1, .line = 5, .function = kMain, .file = kFile, .first_of_pc = 0},
                      {.pc = 2, .line = 9, .function = kWorker, .file = kFile, .first_of_pc = 1},
                      {.pc = 3, .line = 1, .function = kPanic, .file = kFile, .first_of_pc = 2}};
    tables_.stack_frames = {0, 1, 2, 1};
    tables_.stack_start = {0, 0, 0, 1, 2, 4};
    names_.goroutines = {0, 1, 20, 21, 22};
    names_.procs = {0, 0, 1};
  }

  Story& event(std::int64_t ns, TraceType type, std::uint32_t g = 0, std::uint64_t value = 0, std::uint32_t stack = 0) {
    TraceEvent& event = events_.emplace_back();
    event.time_ns = ns;
    event.type = type;
    event.g = g;
    event.value = value;
    event.stack = stack;
    return *this;
  }
  Story& go(std::int64_t ns, TraceType type, std::uint32_t subject, GoState from, GoState to, std::uint32_t g = 0,
            std::uint64_t value = 0, std::uint32_t stack = 0) {
    event(ns, type, g, value, stack);
    events_.back().subject = subject;
    events_.back().from = static_cast<std::uint8_t>(from);
    events_.back().to = static_cast<std::uint8_t>(to);
    events_.back().other = kInWorker;
    return *this;
  }
  Story& proc(std::int64_t ns, TraceType type, std::uint32_t p, ProcState to) {
    event(ns, type);
    events_.back().subject = p;
    events_.back().to = static_cast<std::uint8_t>(to);
    return *this;
  }
  Story& found(std::int64_t ns, std::uint32_t g, GoState state) {
    return go(ns, TraceType::GoStatusStack, g, GoState::Undetermined, state, 0, 0, g == 1 ? kInMain : kInWorker);
  }
  Story& create(std::int64_t ns, std::uint32_t g, std::uint32_t by) {
    return go(ns, TraceType::GoCreate, g, GoState::NotExist, GoState::Runnable, by, 0, kInMain);
  }
  Story& start(std::int64_t ns, std::uint32_t g) {
    return go(ns, TraceType::GoStart, g, GoState::Runnable, GoState::Running);
  }
  Story& block(std::int64_t ns, std::uint32_t g, std::uint32_t reason, std::uint32_t stack = kInWorker) {
    return go(ns, TraceType::GoBlock, g, GoState::Running, GoState::Waiting, g, reason, stack);
  }
  Story& unblock(std::int64_t ns, std::uint32_t g, std::uint32_t by) {
    return go(ns, TraceType::GoUnblock, g, GoState::Waiting, GoState::Runnable, by, 0, by == 0 ? 0 : kInMain);
  }
  Story& end(std::int64_t ns, std::uint32_t g) {
    return go(ns, TraceType::GoDestroy, g, GoState::Running, GoState::NotExist, g);
  }

  TraceFacts facts(const TraceQuestion& question = {}) {
    TraceAnalyses analyses(symbols, question);
    analyses.sink().generation(tables_, names_);
    analyses.sink().events(events_);
    return analyses.take();
  }

  model::Symbols symbols;

 private:
  model::TraceTables tables_;
  model::TraceNames names_;
  std::vector<TraceEvent> events_;
};

TEST(Endings, KeepWhatEachGoroutineThatLivesDidLast) {
  const auto facts = Story()
                         .found(100, 1, GoState::Running)
                         .create(200, 2, 1)
                         .start(300, 2)
                         .block(400, 2, kReceive)
                         .unblock(900, 2, 1)
                         .start(950, 2)
                         .event(1000, TraceType::HeapAlloc)
                         .facts();
  const auto* g = facts.ending.find(20);
  ASSERT_NE(g, nullptr);
  EXPECT_EQ(g->creator, 1U);
  EXPECT_EQ(g->born_ns, 200);
  EXPECT_EQ(g->starts, 2U);
  EXPECT_EQ(g->now.state, GoState::Running);
  EXPECT_EQ(g->now.length_ns(), 50);
  const auto past = facts.ending.past_of(*g);
  ASSERT_EQ(past.size(), 4U);
  EXPECT_EQ(past[2].state, GoState::Waiting);
  EXPECT_EQ(past[2].length_ns(), 500);
  EXPECT_EQ(past[2].ended_by, 1U);
  EXPECT_EQ(facts.ending.find(21), nullptr);
}

TEST(Endings, KeepTheLastIntervalsOnlyAndNothingOfThoseThatEnded) {
  Story story;
  story.found(1, 1, GoState::Running).create(2, 2, 1).create(3, 3, 1).start(4, 3).end(5, 3).start(6, 2);
  for (std::int64_t i = 10; i < 400; i += 10) story.block(i, 2, kReceive).unblock(i + 2, 2, 1).start(i + 4, 2);
  const auto facts = story.facts();
  const auto* g = facts.ending.find(20);
  ASSERT_NE(g, nullptr);
  ASSERT_EQ(facts.ending.past_of(*g).size(), model::TraceEnding::kPast);
  EXPECT_EQ(facts.ending.past_of(*g).back().end_ns, 394);
  EXPECT_EQ(facts.ending.find(21), nullptr);
  EXPECT_EQ(facts.ending.last_end_ns, 5);
  std::uint64_t created = 0;
  std::uint64_t ended = 0;
  for (const auto& function : facts.ending.functions) {
    created += function.created;
    ended += function.ended;
  }
  EXPECT_EQ(created, 2U);
  EXPECT_EQ(ended, 1U);
}

TEST(PlaceSigns, CountWaitsThatTimersEndInVain) {
  Story story;
  story.found(1, 1, GoState::Running).create(2, 2, 1).start(3, 2);
  story.block(10'000, 2, kSleep).unblock(20'000, 2, 0).start(20'100, 2);
  story.block(25'099, 2, kSleep).unblock(30'000, 2, 0).start(30'100, 2);  // ran for 4,999 ns: in vain
  story.block(35'100, 2, kSleep).unblock(40'000, 2, 1).start(40'100, 2);  // ran for 5,000 ns
  story.block(40'200, 2, kSleep);                                         // woken by a goroutine: not in vain
  const auto facts = story.facts();
  ASSERT_EQ(facts.signs.waits.size(), 1U);
  EXPECT_EQ(facts.signs.waits[0].count, 4U);
  EXPECT_EQ(facts.signs.waits[0].by_nobody, 2U);
  EXPECT_EQ(facts.signs.waits[0].in_vain, 1U);
}

TEST(PlaceSigns, CountWaitsFromTheThresholdOnAndWhoEndedTheLongest) {
  Story story;
  story.found(1, 1, GoState::Running).create(2, 2, 1).start(3, 2);
  story.block(10, 2, kSync).unblock(10 + 10 * kMs, 2, 1).start(11 * kMs, 2);
  story.block(12 * kMs, 2, kSync).unblock(22 * kMs - 1, 2, 1).start(23 * kMs, 2);
  const auto facts = story.facts();
  ASSERT_EQ(facts.signs.waits.size(), 1U);
  EXPECT_EQ(facts.signs.waits[0].over, 1U);
  EXPECT_EQ(facts.signs.waits[0].longest.by, 1U);
  EXPECT_EQ(facts.signs.waits[0].longest.length_ns(), 10 * kMs);
  ASSERT_EQ(facts.signs.servers.size(), 1U);
  EXPECT_EQ(facts.signs.servers[0].goroutine, 1U);
  EXPECT_EQ(facts.signs.servers[0].ended, 2U);
  EXPECT_EQ(facts.signs.servers[0].ended_ns, 20 * kMs - 1);
}

TEST(PlaceSigns, TellShortLivesAndSystemCallsThatLoseTheirP) {
  using enum TraceType;
  const auto facts = Story()
                         .found(1, 1, GoState::Running)
                         .create(1000, 2, 1)
                         .start(1100, 2)
                         .end(50'999, 2)
                         .create(60'000, 3, 1)
                         .start(60'100, 3)
                         .end(110'000, 3)
                         .go(120'000, GoSyscallBegin, 1, GoState::Running, GoState::Syscall, 1, 0, kInMain)
                         .go(121'000, GoSyscallEnd, 1, GoState::Syscall, GoState::Running, 1)
                         .go(122'000, GoSyscallBegin, 1, GoState::Running, GoState::Syscall, 1, 0, kInMain)
                         .go(172'000, GoSyscallEndBlocked, 1, GoState::Syscall, GoState::Runnable, 1)
                         .facts();
  ASSERT_EQ(facts.signs.creations.size(), 1U);
  EXPECT_EQ(facts.signs.creations[0].ended, 2U);
  EXPECT_EQ(facts.signs.creations[0].short_lived, 1U);
  ASSERT_EQ(facts.signs.syscalls.size(), 1U);
  EXPECT_EQ(facts.signs.syscalls[0].count, 2U);
  EXPECT_EQ(facts.signs.syscalls[0].lost_p, 1U);
  EXPECT_EQ(facts.signs.syscalls[0].total_ns, 51'000);
}

TEST(LoadSigns, TellWaitsForABusyPFromThoseForAnIdleOne) {
  using enum TraceType;
  const auto facts = Story()
                         .event(100, ProcsChange, 0, 2)
                         .proc(100, ProcStatus, 1, ProcState::Running)
                         .proc(101, ProcStatus, 2, ProcState::Idle)
                         .found(110, 1, GoState::Running)
                         .create(200, 2, 1)  // one waits, a P is idle
                         .proc(300, ProcStart, 2, ProcState::Running)
                         .create(400, 3, 1)  // two wait, no P is idle
                         .start(600, 2)
                         .start(1000, 3)
                         .event(2000, HeapAlloc)
                         .facts();
  const auto& load = facts.signs.load;
  EXPECT_EQ(load.procs, 2U);
  EXPECT_EQ(load.idle_ns, 100);
  EXPECT_EQ(load.full_ns, 700);
  EXPECT_DOUBLE_EQ(load.full_queue_ns, 100 + 2 * 200 + 400);
  EXPECT_EQ(load.most_queued, 2U);
  EXPECT_EQ(load.counted_ns, 1900);
  EXPECT_EQ(load.longest_full_ns, 700);
}

TEST(LoadSigns, NameTheLastGoroutineToHaltForAStop) {
  using enum TraceType;
  const auto facts = Story()
                         .found(1, 1, GoState::Running)
                         .found(2, 2, GoState::Running)
                         .found(3, 3, GoState::Running)
                         .event(100, StwBegin, 1, kSweep)
                         .go(150, GoStop, 2, GoState::Running, GoState::Runnable, 2, kNone, kInWorker)
                         .go(900, GoStop, 3, GoState::Running, GoState::Runnable, 3, kNone, kInWorker)
                         .start(950, 2)  // the world goes on before its end is written
                         .block(960, 2, kReceive)
                         .event(1000, StwEnd, 1, kSweep)
                         .facts();
  ASSERT_EQ(facts.signs.slow_stops.size(), 1U);
  EXPECT_EQ(facts.signs.slow_stops[0].by, 21U);
  EXPECT_EQ(facts.signs.slow_stops[0].length_ns(), 800);
}

TEST(LoadSigns, KeepRunsThatNothingBrokeForTwoTurns) {
  const auto facts = Story()
                         .found(1, 1, GoState::Running)
                         .create(2, 2, 1)
                         .start(10, 2)
                         .block(10 + 20 * kMs, 2, kReceive)
                         .unblock(21 * kMs, 2, 1)
                         .start(22 * kMs, 2)
                         .block(42 * kMs - 1, 2, kReceive)
                         .block(42 * kMs, 1, kReceive, kInMain)
                         .facts();
  ASSERT_EQ(facts.signs.long_run_count, 2U);  // that of goroutine 1, too
  EXPECT_EQ(facts.signs.long_runs[0].goroutine, 1U);
  EXPECT_EQ(facts.signs.long_runs[1].length_ns(), 20 * kMs);
}

TEST(LoadSigns, SeeAPanicInTheStackOfABlock) {
  const auto facts =
      Story().found(1, 1, GoState::Running).create(2, 2, 1).start(10, 2).block(20, 2, kSleep, kInPanic).facts();
  ASSERT_EQ(facts.signs.panics.size(), 1U);
  EXPECT_EQ(facts.signs.panics[0].goroutine, 20U);
  EXPECT_EQ(facts.signs.panic_sightings, 1U);
}

TEST(TraceWaits, AreToldByReasonAndWithoutOneByTheStack) {
  model::Symbols symbols;
  model::TraceStacks stacks;
  const auto stack = [&](std::vector<std::string_view> functions) {
    for (const auto function : functions) {
      stacks.rows.push_back(static_cast<std::uint32_t>(stacks.places.size()));
      stacks.places.push_back({.pc = 1, .frame = symbols.frame({.function = symbols.intern(function)})});
    }
    stacks.start.push_back(static_cast<std::uint32_t>(stacks.rows.size()));
    return static_cast<std::uint32_t>(stacks.size() - 1);
  };
  const auto lock = stack({"internal/sync.(*Mutex).lockSlow", "sync.(*Mutex).Lock", "main.f"});
  const auto group = stack({"sync.(*WaitGroup).Wait", "main.f"});
  const auto found = stack({"runtime.gopark", "runtime.chanrecv", "runtime.chanrecv1", "main.f"});
  const auto sync = symbols.intern("sync");
  EXPECT_EQ(wait_kind(sync, lock, stacks, symbols), TraceWait::Lock);
  EXPECT_EQ(wait_kind(sync, group, stacks, symbols), TraceWait::WaitGroup);
  EXPECT_EQ(wait_kind(sync, 0, stacks, symbols), TraceWait::Sync);
  EXPECT_EQ(wait_kind(symbols.intern("chan send"), 0, stacks, symbols), TraceWait::Send);
  EXPECT_EQ(wait_kind({}, found, stacks, symbols), TraceWait::Receive);
  EXPECT_EQ(wait_kind({}, 0, stacks, symbols), TraceWait::Unknown);
  EXPECT_EQ(symbols.text(symbols.frame(user_frame(lock, stacks, symbols)).function), "main.f");
}

// A traceback of goroutine 20, created by goroutine `creator` in main.main, which began in `function`.
struct Log {
  Log(model::Symbols& symbols, std::string_view function, std::uint64_t creator, std::uint64_t id = 20) {
    traceback.frames.push_back({.function = symbols.intern(function), .file = symbols.intern("main.go"), .line = 9});
    traceback.goroutines.push_back({.id = id,
                                    .frame_count = 1,
                                    .created_by = symbols.intern("main.main"),
                                    .created_file = symbols.intern("main.go"),
                                    .created_line = 5,
                                    .creator = creator});
  }
  model::Traceback traceback;
};

TEST(TraceIdentity, FindsAGoroutineByItsNumberAndAllThatBothSayOfIt) {
  Story story;
  story.found(1, 1, GoState::Running).create(2, 2, 1).start(10, 2);
  const auto facts = story.facts();
  const auto find = [&](std::string_view function, std::uint64_t creator, std::uint64_t id) {
    const Log log(story.symbols, function, creator, id);
    return TraceIdentity(facts, story.symbols).find(log.traceback, log.traceback.goroutines[0]);
  };
  const auto match = find("main.worker", 1, 20);
  ASSERT_TRUE(match);
  EXPECT_TRUE(match->same_start && match->same_creator && match->same_place && match->same_code);
  EXPECT_DOUBLE_EQ(match->confidence(), 0.97);
  EXPECT_TRUE(find("main.worker", 0, 20));
  EXPECT_FALSE(find("main.other", 1, 20));   // begins elsewhere
  EXPECT_FALSE(find("main.worker", 7, 20));  // made by another
  EXPECT_FALSE(find("main.worker", 1, 23));  // not there
}

}  // namespace
}  // namespace gopsy::analyze
