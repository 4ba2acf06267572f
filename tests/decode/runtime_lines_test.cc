#include <gmock/gmock.h>

#include <string>
#include <string_view>

#include "decode/runtime_lines/grammar.h"
#include "decode/runtime_lines/reader.h"
#include "support/golden.h"
#include "support/log_builder.h"
#include "support/runtime_text.h"

namespace gopsy::decode::runtime_lines {
namespace {

using testing::ElementsAre;

constexpr std::int64_t kMicrosecond = 1000;
constexpr std::int64_t kMillisecond = 1'000'000;

constexpr std::string_view kGc =
    "gc 12 @1.250s 4%: 0.013+1.1+0.002 ms clock, 0.026+1.0/0.096/0.5+0.004 ms cpu, 3->5->1 MB, 6 MB goal, 1 MB stacks, "
    "2 MB globals, 8 P (forced)";

TEST(GcLine, HasEveryFieldOfTheLine) {
  const auto line = gc_line(kGc);
  ASSERT_TRUE(line);
  const auto& c = line->cycle;
  EXPECT_EQ(c.number, 12U);
  EXPECT_EQ(c.start_ns, 1250 * kMillisecond);
  EXPECT_EQ(c.percent, 4U);
  EXPECT_EQ(c.sweep_termination_ns, 13 * kMicrosecond);
  EXPECT_EQ(c.mark_ns, 1100 * kMicrosecond);
  EXPECT_EQ(c.mark_termination_ns, 2 * kMicrosecond);
  EXPECT_EQ(c.sweep_termination_cpu_ns, 26 * kMicrosecond);
  EXPECT_EQ(c.assist_cpu_ns, kMillisecond);
  EXPECT_EQ(c.background_cpu_ns, 96 * kMicrosecond);
  EXPECT_EQ(c.idle_cpu_ns, 500 * kMicrosecond);
  EXPECT_EQ(c.mark_termination_cpu_ns, 4 * kMicrosecond);
  EXPECT_EQ(c.heap_start_mib, 3U);
  EXPECT_EQ(c.heap_end_mib, 5U);
  EXPECT_EQ(c.heap_live_mib, 1U);
  EXPECT_EQ(c.goal_mib, 6U);
  EXPECT_EQ(c.stacks_mib, 1U);
  EXPECT_EQ(c.globals_mib, 2U);
  EXPECT_EQ(c.procs, 8U);
  EXPECT_TRUE(c.forced);
  EXPECT_FALSE(c.leak_check);
  EXPECT_TRUE(line->has_stacks);
}

TEST(GcLine, UpToGo117HasNoStacksAndNoGlobals) {
  const auto line =
      gc_line("gc 1 @0.006s 4%: 0.013+15+0 ms clock, 0.026+1.0/0.096/0+0.004 ms cpu, 3->3->0 MB, 4 MB goal, 2 P");
  ASSERT_TRUE(line);
  EXPECT_FALSE(line->has_stacks);
  EXPECT_EQ(line->cycle.procs, 2U);
  EXPECT_EQ(line->cycle.mark_ns, 15 * kMillisecond);
  EXPECT_EQ(line->cycle.mark_termination_ns, 0);
}

TEST(GcLine, SinceGo126MayCheckForLeaks) {
  const auto line = gc_line(
      "gc 7 @3.000s 0% (checking for goroutine leaks): 0.1+1+0.1 ms clock, 0.2+0/1/0+0.2 ms cpu, 3->3->0 MB, 4 MB "
      "goal, 0 MB stacks, 0 MB globals, 2 P (forced)");
  ASSERT_TRUE(line);
  EXPECT_TRUE(line->cycle.leak_check);
  EXPECT_TRUE(line->cycle.forced);
}

TEST(GcLine, IsNoneIfCutAnywhereOrFollowedByMore) {
  const std::string_view bare = kGc.substr(0, kGc.size() - std::string_view(" (forced)").size());
  for (std::size_t cut = 0; cut < bare.size(); ++cut) EXPECT_FALSE(gc_line(kGc.substr(0, cut))) << cut;
  EXPECT_TRUE(gc_line(bare));
  EXPECT_FALSE(gc_line(std::string(kGc) + "x"));
}

TEST(SchedLine, HasTheQueuesOfBothShapes) {
  const auto old =
      sched_line("SCHED 1009ms: gomaxprocs=2 idleprocs=1 threads=6 spinningthreads=3 idlethreads=4 runqueue=5 [7 8]");
  ASSERT_TRUE(old);
  EXPECT_EQ(old->sample.time_ns, 1009 * kMillisecond);
  EXPECT_EQ(old->sample.procs, 2U);
  EXPECT_EQ(old->sample.idle_procs, 1U);
  EXPECT_EQ(old->sample.threads, 6U);
  EXPECT_EQ(old->sample.spinning_threads, 3U);
  EXPECT_EQ(old->sample.idle_threads, 4U);
  EXPECT_EQ(old->sample.queue, 5U);
  ASSERT_EQ(old->procs.size(), 2U);
  EXPECT_EQ(old->procs[1].queue, 8U);
  EXPECT_FALSE(old->has_need);
  EXPECT_FALSE(old->has_ticks);

  const auto now = sched_line(
      "SCHED 24ms: gomaxprocs=2 idleprocs=0 threads=4 spinningthreads=0 needspinning=1 idlethreads=1 runqueue=0 [ 0 9 "
      "] schedticks=[ 11 24 ]");
  ASSERT_TRUE(now);
  EXPECT_TRUE(now->sample.needs_spinning);
  EXPECT_TRUE(now->has_ticks);
  ASSERT_EQ(now->procs.size(), 2U);
  EXPECT_EQ(now->procs[1].queue, 9U);
  EXPECT_EQ(now->procs[1].ticks, 24U);
}

TEST(SchedLine, OfOneProcHasOneQueue) {
  EXPECT_TRUE(
      sched_line("SCHED 0ms: gomaxprocs=1 idleprocs=0 threads=2 spinningthreads=0 idlethreads=0 runqueue=0 [0]"));
}

TEST(SchedLine, OfSchedDetailEndsInItsOwnFields) {
  for (const std::string_view truth : {"gcwaiting=1 nmidlelocked=-1 stopwait=2 sysmonwait=0",
                                       "gcwaiting=true nmidlelocked=0 stopwait=2 sysmonwait=false"}) {
    const auto line = sched_line(fmt::format(
        "SCHED 53ms: gomaxprocs=2 idleprocs=0 threads=4 spinningthreads=0 idlethreads=0 runqueue=1 {}", truth));
    ASSERT_TRUE(line) << truth;
    EXPECT_TRUE(line->sample.detailed);
    EXPECT_TRUE(line->sample.gc_waiting);
    EXPECT_EQ(line->sample.stop_wait, 2);
  }
}

TEST(DetailLines, AreReadAsGo119AndGo127PrintThem) {
  const auto proc = proc_line("  P1: status=1 schedtick=1241 syscalltick=0 m=3 runqsize=5 gfreecnt=1 timerslen=4");
  ASSERT_TRUE(proc);
  EXPECT_EQ(proc->proc.queue, 5U);
  EXPECT_EQ(proc->proc.ticks, 1241U);
  EXPECT_EQ(proc->proc.timers, 4U);
  EXPECT_EQ(proc->proc.status, 1);
  EXPECT_FALSE(proc_line("  P1: status=1 schedtick=1241 syscalltick=0 m=-1 runqsize=5 gfreecnt=1")->has_timers);

  const auto old = machine_line(
      "  M3: p=-1 curg=-1 mallocing=0 throwing=0 preemptoff= locks=0 dying=0 helpgc=0 spinning=false blocked=true "
      "lockedg=-1");
  ASSERT_TRUE(old);
  EXPECT_TRUE(old->blocked);
  EXPECT_FALSE(old->locked);
  EXPECT_TRUE(old->has_helpgc);
  EXPECT_FALSE(old->says_nil);
  const auto now = machine_line(
      "  M0: p=nil curg=7 mallocing=0 throwing=0 preemptoff=gcing locks=16 dying=0 spinning=false blocked=false "
      "lockedg=1");
  ASSERT_TRUE(now);
  EXPECT_TRUE(now->locked);
  EXPECT_TRUE(now->says_nil);

  const auto waiting = goroutine_line("  G17: status=4(GOMAXPROCS updater (idle)) m=nil lockedm=nil");
  ASSERT_TRUE(waiting);
  EXPECT_EQ(waiting->status, 4U);
  EXPECT_EQ(waiting->reason, "GOMAXPROCS updater (idle)");
  EXPECT_FALSE(waiting->locked);
  const auto scanned = goroutine_line("  G1: status=4097(chan receive) m=-1 lockedm=0");
  ASSERT_TRUE(scanned);
  EXPECT_EQ(scanned->status, 1U);
  EXPECT_TRUE(scanned->locked);
}

TEST(ScavLine, HasFourShapes) {
  const auto first = scav_line("scav 13504 KiB work, 16192 KiB total, 18% util");
  ASSERT_TRUE(first);
  EXPECT_EQ(first->scavenge.background_kib, 13504U);
  EXPECT_EQ(first->scavenge.released_kib, 16192U);
  EXPECT_EQ(first->scavenge.used_percent, 18U);
  const auto generation = scav_line("scav 7 13504 KiB work, 16192 KiB total, 18% util");
  ASSERT_TRUE(generation);
  EXPECT_TRUE(generation->has_generation);
  EXPECT_EQ(generation->scavenge.background_kib, 13504U);
  const auto eager = scav_line("scav 448 KiB work (bg), 64 KiB work (eager), 3272 KiB now, 49% util (forced)");
  ASSERT_TRUE(eager);
  EXPECT_EQ(eager->scavenge.background_kib, 448U);
  EXPECT_EQ(eager->scavenge.eager_kib, 64U);
  EXPECT_EQ(eager->scavenge.released_kib, 3272U);
  EXPECT_TRUE(eager->scavenge.forced);
  EXPECT_TRUE(scav_line("scav 0 KiB work (bg), 0 KiB work (eager), 0 KiB now, 49% util [controller reset]"));
  const auto oldest = scav_line("scvg12: inuse: 3, idle: 60, sys: 63, released: 57, consumed: 6 (MB)");
  ASSERT_TRUE(oldest);
  EXPECT_TRUE(oldest->is_scvg);
  EXPECT_EQ(oldest->scavenge.released_kib, 57U * 1024);
  EXPECT_EQ(scav_line("scvg-1: 8 MB released")->scavenge.background_kib, 8U * 1024);
}

TEST(InitLine, NamesItsPackage) {
  const auto line = init_line("init internal/runtime/gc/scan @0.054 ms, 12 ms clock, 336 bytes, 7 allocs");
  ASSERT_TRUE(line);
  EXPECT_EQ(line->package, "internal/runtime/gc/scan");
  EXPECT_EQ(line->init.start_ns, 54 * kMicrosecond);
  EXPECT_EQ(line->init.clock_ns, 12 * kMillisecond);
  EXPECT_EQ(line->init.bytes, 336U);
  EXPECT_EQ(line->init.allocs, 7U);
  EXPECT_FALSE(init_line("init done @12 ms, all fine"));
}

TEST(TimesBeyondAllReason, SaturateAndAreNoOverflow) {
  const auto line = gc_line(
      "gc 1 @18446744073709551615s 4%: 18446744073709551615.9+18446744073709551615+18446744073709551615 ms clock, "
      "0+0/0/0+0 ms cpu, 3->3->0 MB, 4 MB goal, 2 P");
  ASSERT_TRUE(line);
  EXPECT_GT(line->cycle.end_ns(), 0);
}

// What the reader makes of a text.

const model::RuntimeLog& runtime_of(const model::Incident& incident) { return incident.evidence[0].log->runtime; }

std::vector<std::uint32_t> runs_of(std::string_view text) {
  const auto incident = test::incident_of(text);
  std::vector<std::uint32_t> runs;
  for (const auto& cycle : runtime_of(incident).cycles) runs.push_back(cycle.run);
  return runs;
}

std::string gc_text(std::uint64_t number, double at) { return test::GcText{.number = number, .at = at}.str(); }

TEST(Runs, EndWhereNumbersGoBack) {
  EXPECT_THAT(runs_of(gc_text(1, 0.1) + gc_text(2, 0.2) + gc_text(1, 0.3) + gc_text(2, 0.4)), ElementsAre(0, 0, 1, 1));
}

TEST(Runs, OfTwoProcessesInOneStreamStayApart) {
  EXPECT_THAT(runs_of(gc_text(7, 10) + gc_text(1, 0.1) + gc_text(8, 11) + gc_text(2, 1.1) + gc_text(9, 12)),
              ElementsAre(0, 1, 0, 1, 0));
}

TEST(Runs, GoOnOverLinesThatAreMissing) { EXPECT_THAT(runs_of(gc_text(1, 0.1) + gc_text(5, 2)), ElementsAre(0, 0)); }

TEST(Runs, EndWhereTimesOfOtherLinesGoBack) {
  const auto incident = test::incident_of(gc_text(5, 60) + test::sched_log({0, 0}) + gc_text(1, 0.5));
  EXPECT_EQ(runtime_of(incident).runs, 2U);
  EXPECT_EQ(runtime_of(incident).samples[0].run, 1U);
  EXPECT_EQ(runtime_of(incident).cycles[1].run, 1U);
}

TEST(RuntimeReader, CountsALineToldTwiceOnce) {
  const auto incident = test::incident_of(gc_text(1, 0.1) + gc_text(1, 0.1) + gc_text(2, 0.2));
  EXPECT_EQ(runtime_of(incident).cycles.size(), 2U);
  EXPECT_EQ(runtime_of(incident).repeated, 1U);
}

TEST(RuntimeReader, LeavesOtherLinesToTheLog) {
  const auto incident = test::incident_of(
      "init done\ngc is on\nSCHED\nscavenger started\npacer: up\nGC forced by hand\n  P0: status=0\npanic: boom\n\n"
      "goroutine 1 [running]:\nmain.main()\n\t/src/main.go:7 +0x1d\n");
  EXPECT_TRUE(runtime_of(incident).empty());
  EXPECT_EQ(incident.evidence[0].log->tracebacks.size(), 1U);
  EXPECT_EQ(incident.evidence[0].log->lines, 12U);
}

TEST(RuntimeReader, CountsTornLines) {
  const auto incident =
      test::incident_of("gc 1 @0.1s 2022/01/01 hello\nSCHED 5ms: gomaxprocs=2 idlep\n" + gc_text(2, 1));
  EXPECT_EQ(runtime_of(incident).torn, 2U);
  EXPECT_EQ(runtime_of(incident).lines, 3U);
}

TEST(RuntimeReader, TakesNoLineOutOfATraceback) {
  const auto incident = test::incident_of("panic: boom\n\ngoroutine 1 [running]:\nmain.main()\n" + gc_text(1, 0.1) +
                                          "\t/src/main.go:7 +0x1d\n");
  EXPECT_EQ(incident.evidence[0].log->tracebacks[0].frames[0].line, 7U);
  EXPECT_EQ(runtime_of(incident).cycles.size(), 1U);
}

struct VersionCase {
  std::string_view file;
  std::string_view version;
};

TEST(RuntimeReader, TellsTheGoVersionOfTheCorpus) {
  for (const auto& [file, version] : {VersionCase{"go1.19/godebug_gctrace1", "1.18 or later"},
                                      {"go1.19/godebug_schedtrace", "1.19 or earlier"},
                                      {"go1.19/godebug_scheddetail", "1.14 to 1.19"},
                                      {"go1.19/godebug_scavtrace", "1.14 to 1.20"},
                                      {"go1.19/godebug_inittrace", "1.16 or later"},
                                      {"go1.23/godebug_schedtrace", "1.20 to 1.24"},
                                      {"go1.23/godebug_scheddetail", "1.20 or later"},
                                      {"go1.23/godebug_scavtrace", "1.21 or later"},
                                      {"go1.27/godebug_schedtrace", "1.25 or later"},
                                      {"go1.27/godebug_gctrace2", "1.26 or later"}}) {
    const auto incident =
        test::incident_of(test::read_file(test::source_path(fmt::format("tests/corpus/crash/{}.txt", file))));
    EXPECT_EQ(incident.evidence[0].go_version.text(), version) << file;
  }
}

// Each line of these files is one of the runtime's own.
TEST(RuntimeReader, KnowsEveryLineOfTheCorpus) {
  for (const std::string_view version : {"go1.19", "go1.23", "go1.27"}) {
    for (const std::string_view kind : {"gctrace1", "gctrace2", "gctrace_memlimit", "schedtrace", "scheddetail",
                                        "scavtrace", "inittrace", "gcpacertrace"}) {
      const auto incident = test::incident_of(
          test::read_file(test::source_path(fmt::format("tests/corpus/crash/{}/godebug_{}.txt", version, kind))));
      const auto& runtime = runtime_of(incident);
      EXPECT_EQ(runtime.lines, incident.evidence[0].log->lines) << version << ' ' << kind;
      EXPECT_EQ(runtime.torn, 0U) << version << ' ' << kind;
      EXPECT_LE(runtime.runs, 1U) << version << ' ' << kind;
    }
  }
}

TEST(SchedDetail, IsCountedByStateAndProc) {
  const auto incident =
      test::incident_of(test::read_file(test::source_path("tests/corpus/crash/go1.19/godebug_scheddetail.txt")));
  const auto& runtime = runtime_of(incident);
  const auto& second = runtime.samples[1];
  EXPECT_EQ(second.proc_count, 2U);
  EXPECT_EQ(runtime.procs[second.first_proc + 1].ticks, 1241U);
  EXPECT_EQ(second.machines, 4U);
  EXPECT_EQ(second.goroutines, 10U);
  EXPECT_EQ(second.status[1], 1U);
  EXPECT_EQ(second.status[2], 1U);
  EXPECT_EQ(second.status[4], 5U);
  EXPECT_EQ(second.status[6], 3U);
  std::uint32_t in_states = 0;
  for (const auto& state : runtime.states)
    if (state.sample == 1) in_states += state.count;
  EXPECT_EQ(in_states, second.goroutines);
}

}  // namespace
}  // namespace gopsy::decode::runtime_lines
