#include "decode/perf/perf_script.h"

#include <gmock/gmock.h>

#include <string>

#include "decode/perf/script_lines.h"
#include "support/profile_text.h"

namespace gopsy::decode {
namespace {

using testing::HasSubstr;

std::string text_of(std::string_view bytes) { return test::decoded_text(kPerfScript, bytes); }

TEST(PerfScriptLines, FindsTheThreadBehindACommWithBlanksAndNumbers) {
  const auto event = parse_script_event("Web Content 2 4242/4250 [003] d.h1. 77.5:   7 cycles:u: ");
  ASSERT_TRUE(event);
  EXPECT_EQ(event->comm, "Web Content 2");
  EXPECT_EQ(event->pid, 4242);
  EXPECT_EQ(event->tid, 4250);
  EXPECT_EQ(event->time_ns, 77'500'000'000);
  EXPECT_EQ(event->period, 7U);
  EXPECT_EQ(event->event, "cycles:u");
}

TEST(PerfScriptLines, DoWithoutTimePeriodOrCpu) {
  const auto bare = parse_script_event("sh 11345 cpu-clock:");
  ASSERT_TRUE(bare);
  EXPECT_EQ(bare->comm, "sh");
  EXPECT_EQ(bare->tid, 11345);
  EXPECT_FALSE(bare->time_ns || bare->period);
  const auto tracepoint = parse_script_event("perf 31543 [000]  4123.002492: sched:sched_switch: prev_comm=perf");
  ASSERT_TRUE(tracepoint);
  EXPECT_EQ(tracepoint->event, "sched:sched_switch");
  EXPECT_EQ(tracepoint->rest, " prev_comm=perf");
}

TEST(PerfScriptLines, SplitFramesAtTheirLastParenthesis) {
  const auto frame = parse_script_frame("\t 7f12 f(int (*)(char))+0x1c (/memfd:jit (deleted))");
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->address, 0x7f12U);
  EXPECT_EQ(frame->symbol, "f(int (*)(char))");
  EXPECT_EQ(frame->dso, "/memfd:jit (deleted)");
  EXPECT_FALSE(parse_script_frame("zebra 1 (x)"));
  EXPECT_FALSE(parse_script_frame("401136"));
}

TEST(PerfScript, PutsInlinedFramesIntoTheirCallersLocation) {
  EXPECT_EQ(
      text_of("a 7 1.0: 5 cpu-clock:ppp: \n\t40 in (inlined)\n\t40 out+0x6 (/app)\n  a.c:12\n\t51 main (/app)\n\n"),
      "kind: perf profile\ntypes: cpu-clock_sample/count cpu-clock_event/nanoseconds\n"
      "period: 5 cpu-clock/nanoseconds\nmapping 1: 0x0-0x0 @0x0 /app \nsamples: read 1, kept 1\n"
      "sample 1 5 thread_comm=\"a\" tid=7 \n  in 0x40\n  ^ out a.c:12 0x40\n  main 0x50\n");
}

TEST(PerfScript, GivesEachEventItsColumns) {
  EXPECT_THAT(text_of("a 7 1.0: 5 cycles: 40 f (/app)\na 7 2.0: 3 faults: 40 f (/app)\n"),
              HasSubstr("types: cycles_sample/count cycles_event/count faults_sample/count faults_event/count\n"));
  EXPECT_THAT(text_of("a 7 1.0: 5 cycles: 40 f (/app)\na 7 2.0: 3 faults: 40 f (/app)\n"), HasSubstr("sample 0 0 1 3"));
}

TEST(PerfScript, TakesAProcessCalledDdForNoAddress) {
  const std::string line = "              dd    12 [001]    79.25: 9 cycles:  ff10 read+0x1 ([kernel.kallsyms])\n";
  EXPECT_THAT(text_of(line + line), HasSubstr("samples: read 2, kept 2\n"));
}

TEST(PerfScript, CountsWhatPerfLost) {
  EXPECT_THAT(text_of("a 1 1.0: PERF_RECORD_LOST lost 15\na 7 1.0: 5 cycles: 40 f (/app)\n"),
              HasSubstr("samples: read 16, kept 1, skipped 15 (lost by perf itself: the reader was too slow)\n"));
}

TEST(PerfScript, ReadsFramesWithoutHeads) {
  EXPECT_THAT(text_of("\t40 f (/app)\n\t50 main (/app)\n\n\t40 f (/app)\n"),
              HasSubstr("types: samples_sample/count\n"));
  EXPECT_EQ(text_of("nothing\n"), "error at byte 0: no line begins a sample of perf script\n");
}

}  // namespace
}  // namespace gopsy::decode
