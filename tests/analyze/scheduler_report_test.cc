#include "analyze/scheduler_report.h"

#include <gmock/gmock.h>

#include "support/golden.h"
#include "support/log_builder.h"
#include "support/runtime_text.h"

namespace gopsy::analyze {
namespace {

using test::sched_log;

template <class Analysis>
auto of_log(std::string_view log, const Analysis& analysis) {
  const auto incident = test::incident_of(log);
  return analysis(runtime_runs(incident).at(0));
}

SchedulerReport report_of(std::string_view log) {
  return of_log(log, [](const RuntimeRun& run) { return scheduler_report(run); });
}

std::string sample(std::int64_t ms, std::string_view idle, std::string_view queues, std::string_view ticks) {
  return fmt::format(
      "SCHED {}ms: gomaxprocs=2 idleprocs={} threads=5 spinningthreads=1 needspinning=0 idlethreads=1 runqueue=1 [ {} "
      "] "
      "schedticks=[ {} ]\n",
      ms, idle, queues, ticks);
}

TEST(SchedulerReport, AddsTheQueuesOfAllProcsToTheGlobalOne) {
  const auto report = report_of(sample(0, "0", "3 4", "0 0") + sample(1000, "0", "0 0", "10 30"));
  EXPECT_EQ(report.all.longest, 8U);
  EXPECT_EQ(report.all.longest_line, 1U);
  EXPECT_EQ(report.local.longest, 4U);
  EXPECT_EQ(report.global.longest, 1U);
  EXPECT_EQ(report.all_busy, 2U);
  ASSERT_TRUE(report.ticks_per_second);
  EXPECT_DOUBLE_EQ(*report.ticks_per_second, 20);
}

TEST(SchedulerReport, TicksWrapAtThirtyTwoBits) {
  const auto report = report_of(sample(0, "0", "0 0", "4294967295 0") + sample(1000, "0", "0 0", "9 10"));
  EXPECT_DOUBLE_EQ(*report.ticks_per_second, 10);
}

TEST(SchedulerReport, SeesThatNobodyRunsAlthoughSomeWait) {
  const auto report =
      report_of(sample(0, "0", "3 4", "5 5") + sample(1000, "0", "3 4", "5 5") + sample(2000, "0", "3 4", "6 5"));
  EXPECT_EQ(report.stuck, 1U);
}

TEST(SchedulerReport, SeesIdleProcsBesideWorkAndOneProcWithAllOfIt) {
  const auto report =
      report_of(sample(0, "1", "8 0", "0 0") + sample(1000, "0", "7 0", "0 0") + sample(2000, "0", "8 8", "0 0"));
  EXPECT_EQ(report.idle_beside_work, 1U);
  EXPECT_EQ(report.uneven, 0U) << "eight of two procs are twice the mean, not four times";
}

TEST(SchedulerReport, FindsTheGapInWhichSysmonDidNotRun) {
  const auto report =
      report_of(sample(0, "0", "0 0", "0 0") + sample(100, "0", "0 0", "0 0") + sample(200, "0", "0 0", "0 0") +
                sample(1500, "0", "0 0", "0 0") + sample(1600, "2", "0 0", "0 0") + sample(9000, "2", "0 0", "0 0"));
  EXPECT_EQ(report.longest_gap_ns, 1'300'000'000) << "an idle process prints nothing, and that is no gap";
  EXPECT_EQ(report.longest_gap_line, 4U);
}

TEST(Starvation, BeginsAtEightForEachProcThreeSamplesAndASecond) {
  const auto stretches = [](std::string_view log) {
    return of_log(log, [](const RuntimeRun& run) { return starvations(run); });
  };
  const auto found = stretches(sched_log({0, 16, 17, 16, 15}));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].samples, 3U);
  EXPECT_EQ(found[0].median_queued, 16U);
  EXPECT_EQ(found[0].most_queued, 17U);
  EXPECT_EQ(found[0].procs, 2U);
  EXPECT_EQ(found[0].first_line, 2U);
  EXPECT_EQ(found[0].last_line, 4U);
  EXPECT_TRUE(stretches(sched_log({0, 15, 15, 15, 15})).empty()) << "fewer than eight for each";
  EXPECT_TRUE(stretches(sched_log({0, 16, 16, 0, 16, 16})).empty()) << "two samples";
  EXPECT_TRUE(stretches(sched_log({16, 16, 16, 16}, 1)).empty()) << "an idle P";
}

TEST(ScavengeReport, AddsUpWhatWasReturned) {
  const auto report = of_log(
      "scav 448 KiB work (bg), 64 KiB work (eager), 3272 KiB now, 49% util\n"
      "scav 52 KiB work (bg), 0 KiB work (eager), 1000 KiB now, 60% util (forced)\n",
      [](const RuntimeRun& run) { return scavenge_report(run); });
  EXPECT_EQ(report.returned_kib, 500U);
  EXPECT_EQ(report.returned_eager_kib, 64U);
  EXPECT_EQ(report.released_most_kib, 3272U);
  EXPECT_EQ(report.released_last_kib, 1000U);
  EXPECT_EQ(report.used_lowest_percent, 49U);
  EXPECT_EQ(report.forced, 1U);
}

TEST(InitReport, HasTheSlowestPackageFirst) {
  const auto incident = test::incident_of(
      "init runtime @0.1 ms, 0.2 ms clock, 16 bytes, 1 allocs\ninit a @1.0 ms, 15 ms clock, 100 bytes, 3 allocs\n"
      "init b @16 ms, 0.3 ms clock, 0 bytes, 0 allocs\n");
  const auto runs = runtime_runs(incident);
  const auto report = init_report(runs.at(0));
  ASSERT_EQ(report.slowest.size(), 3U);
  EXPECT_EQ(incident.symbols.text(report.slowest[0]->package), "a");
  EXPECT_EQ(report.clock_ns, 15'500'000);
  EXPECT_EQ(report.done_ns, 16'300'000);
  EXPECT_EQ(report.bytes, 116U);
}

}  // namespace
}  // namespace gopsy::analyze
