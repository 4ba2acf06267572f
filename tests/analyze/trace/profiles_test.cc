#include "analyze/trace/profiles.h"

#include <gmock/gmock.h>

#include <map>
#include <string>

#include "analyze/trace/analyses.h"
#include "analyze/trace/trace_profile.h"
#include "support/trace_story.h"

namespace gopsy::analyze {
namespace {

using model::GoState;
using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;
using testing_support::Story;
using enum model::TraceType;

struct Studied {
  model::Symbols symbols;
  model::TraceFacts facts;

  explicit Studied(const Story& story, TraceQuestion question = {}) {
    TraceAnalyses analyses(symbols, question);
    story.tell(analyses.sink());
    facts = analyses.take();
  }

  // "main.lock < main.worker" to the value of a column, or of a state in it.
  std::map<std::string, std::int64_t> column(const model::Profile& profile, std::string_view name,
                                             std::string_view state = {}) {
    std::map<std::string, std::int64_t> sums;
    for (std::size_t sample = 0; sample < profile.sample_count(); ++sample) {
      if (!state.empty() && symbols.text(profile.labels[profile.label_start[sample]].text) != state) continue;
      std::string stack;
      for (const std::uint32_t location : profile.stack(sample)) {
        const auto& line = profile.lines[profile.locations[location].first_line];
        stack += (stack.empty() ? "" : " < ") + std::string(symbols.text(profile.functions[line.function].name));
      }
      for (std::size_t type = 0; type < profile.types.size(); ++type)
        if (symbols.text(profile.types[type].type) == name && profile.value(sample, type) != 0)
          sums[stack] += profile.value(sample, type);
    }
    return sums;
  }
  std::map<std::string, std::int64_t> delays(std::string_view kind) {
    return column(*trace_profile_of(kind, facts, symbols), "delay");
  }
  std::map<std::string, std::int64_t> whole(std::string_view name, std::string_view state = {}) {
    return column(trace_profile(facts, symbols), name, state);
  }
};

// Goroutine 2 is created, runs, waits for a channel in main.lock, is woken by 1 in main.worker, and ends.
Story waker_and_sleeper() {
  return Story()
      .at(100, GoStatus, 1, GoState::Undetermined, GoState::Running)
      .at(110, GoCreate, 2, GoState::NotExist, GoState::Runnable, 1, 0, 2)
      .at(130, GoStart, 2, GoState::Runnable, GoState::Running)
      .at(200, GoBlock, 2, GoState::Running, GoState::Waiting, 2, 2, 3)
      .at(700, GoUnblock, 2, GoState::Waiting, GoState::Runnable, 1, 0, 2)
      .at(800, GoStart, 2, GoState::Runnable, GoState::Running)
      .at(850, GoDestroy, 2, GoState::Running, GoState::NotExist, 2)
      .at(900, HeapAlloc, 0, GoState::Undetermined, GoState::Undetermined);
}

TEST(TraceProfiles, CountAWaitByItsOwnStackAndTheWayBackByThatOfTheWaker) {
  Studied studied(waker_and_sleeper());
  EXPECT_THAT(studied.delays("sync"), UnorderedElementsAre(Pair("main.lock < main.worker", 500)));
  EXPECT_THAT(studied.delays("sched"), UnorderedElementsAre(Pair("main.worker", 100)));
  EXPECT_THAT(studied.delays("block"), UnorderedElementsAre(Pair("main.lock < main.worker", 500)));
  EXPECT_THAT(studied.delays("chan receive"), UnorderedElementsAre(Pair("main.lock < main.worker", 500)));
  EXPECT_THAT(studied.delays("net"), IsEmpty());
  EXPECT_FALSE(trace_profile_of("chan", studied.facts, studied.symbols));
}

TEST(TraceProfiles, LeaveOutWhatIsStillGoingOnInTheEndAsGoToolTraceDoesAndCountItAsTime) {
  Studied studied(Story()
                      .at(100, GoStatus, 1, GoState::Undetermined, GoState::Running)
                      .at(150, GoBlock, 1, GoState::Running, GoState::Waiting, 1, Story::kNetwork, 3)
                      .at(900, HeapAlloc, 0, GoState::Undetermined, GoState::Undetermined));
  EXPECT_THAT(studied.delays("net"), IsEmpty());
  EXPECT_THAT(studied.whole("net"), IsEmpty());
  EXPECT_THAT(studied.whole("blocked"), UnorderedElementsAre(Pair("main.lock < main.worker", 750)));
}

TEST(TraceProfiles, LeaveOutWhatWasBeforeTheFirstRunAsGoToolTraceDoes) {
  Studied studied(Story()
                      .at(100, GoStatus, 2, GoState::Undetermined, GoState::Syscall, 0, 0, 3)
                      .at(160, GoSyscallEndBlocked, 2, GoState::Syscall, GoState::Runnable, 2)
                      .at(190, GoStart, 2, GoState::Runnable, GoState::Running)
                      .at(200, GoStop, 2, GoState::Running, GoState::Runnable, 2, 0, 3)
                      .at(240, GoStart, 2, GoState::Runnable, GoState::Running));
  EXPECT_THAT(studied.delays("syscall"), IsEmpty());
  EXPECT_THAT(studied.delays("sched"), UnorderedElementsAre(Pair("main.lock < main.worker", 40)));
  EXPECT_THAT(studied.whole("time", "syscall"), UnorderedElementsAre(Pair("main.lock < main.worker", 60)));
  EXPECT_THAT(studied.whole("runnable"), UnorderedElementsAre(Pair("main.lock < main.worker", 70)));
}

TEST(TraceProfiles, CountWhatAGoroutineDidThatNeverRanAsGoToolTraceDoes) {
  Studied studied(Story()
                      .at(100, GoStatus, 2, GoState::Undetermined, GoState::Syscall, 0, 0, 3)
                      .at(160, GoSyscallEndBlocked, 2, GoState::Syscall, GoState::Runnable, 2)
                      .at(190, HeapAlloc, 0, GoState::Undetermined, GoState::Undetermined));
  EXPECT_THAT(studied.delays("syscall"), UnorderedElementsAre(Pair("main.lock < main.worker", 60)));
  EXPECT_THAT(studied.delays("sched"), IsEmpty());
}

TEST(TraceProfiles, DoNotTakeAStackThatIsOnlyLearntLaterForThatOfTheWaker) {
  Studied studied(Story()
                      .at(100, GoStatus, 2, GoState::Undetermined, GoState::Running)
                      .at(110, GoBlock, 2, GoState::Running, GoState::Waiting, 2, Story::kNetwork, 3)
                      .at(120, GoUnblock, 2, GoState::Waiting, GoState::Runnable)
                      .at(130, GoStatusStack, 2, GoState::Runnable, GoState::Runnable, 0, 0, 2)
                      .at(150, GoStart, 2, GoState::Runnable, GoState::Running));
  EXPECT_THAT(studied.delays("sched"), UnorderedElementsAre(Pair("", 30)));
  EXPECT_THAT(studied.delays("net"), UnorderedElementsAre(Pair("main.lock < main.worker", 10)));
}

TEST(TraceProfiles, AddUpToTheTimesOfTheOverview) {
  Studied studied(waker_and_sleeper());
  const auto sum = [&](std::string_view column) {
    std::int64_t ns = 0;
    for (const auto& [stack, value] : studied.whole(column)) ns += value;
    return ns;
  };
  const model::TraceTimes& times = studied.facts.times;
  EXPECT_EQ(sum("running"), times.all.running_ns);
  EXPECT_EQ(sum("runnable"), times.all.runnable_ns);
  EXPECT_EQ(sum("blocked"), times.all.waiting_ns);
  EXPECT_EQ(sum("time"), times.lives_ns);
  // Where it runs is not known: it hangs under the function that the goroutine began in.
  EXPECT_THAT(studied.whole("running"), UnorderedElementsAre(Pair("main.worker", 120), Pair("", 800)));
}

TEST(TraceProfiles, CountGoroutinesOfTheWantedFunctionsOnly) {
  TraceQuestion question;
  question.goroutines.function = [](std::string_view function) { return function == "main.worker"; };
  Studied studied(waker_and_sleeper(), question);
  EXPECT_THAT(studied.whole("running"), UnorderedElementsAre(Pair("main.worker", 120)));
  question.goroutines.function = [](std::string_view function) { return function == "main.other"; };
  EXPECT_THAT(Studied(waker_and_sleeper(), question).delays("sync"), IsEmpty());
}

TEST(TraceProfiles, HaveCpuSamplesAsDefaultWhereThereAreSome) {
  Studied studied(waker_and_sleeper().at(901, CpuSample, 0, GoState::Undetermined, GoState::Undetermined, 1, 0, 3));
  const model::Profile profile = trace_profile(studied.facts, studied.symbols);
  EXPECT_EQ(studied.symbols.text(profile.default_type), "cpu");
  EXPECT_THAT(studied.column(profile, "cpu"), UnorderedElementsAre(Pair("main.lock < main.worker", 10'000'000)));
  EXPECT_THAT(studied.delays("sync"), UnorderedElementsAre(Pair("main.lock < main.worker", 500)));
  Studied without(waker_and_sleeper());
  EXPECT_EQ(without.symbols.text(trace_profile(without.facts, without.symbols).default_type), "time");
}

}  // namespace
}  // namespace gopsy::analyze
