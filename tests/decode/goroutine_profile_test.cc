#include "decode/goroutine_profile/goroutine_profile.h"

#include <gmock/gmock.h>

#include <string>

#include "decode/folded/folded.h"
#include "decode/pprof/pprof.h"
#include "support/profile_text.h"

namespace gopsy::decode {
namespace {

using testing::HasSubstr;

std::string text_of(std::string_view bytes) { return test::decoded_text(kGoroutineProfile, bytes); }

constexpr std::string_view kSmall =
    "goroutine profile: total 7\n"
    "5 @ 0x43b196 0x407e9b\n"
    "# labels: {\"path\":\"/a \\\"b\\\"\", \"tenant\":\"blue\"}\n"
    "#\t0x66dd56\tmain.wait+0x36\t\t/home/dev/main.go:35\n"
    "#\t0x66dd00\tmain.main+0x1\t\t/home/dev/main.go:9\n"
    "\n"
    "2 @ 0x10 0x20\n"
    "#\t0xf\n"
    "\n";

TEST(GoroutineProfile, ReadsCountsLabelsAndFrames) {
  EXPECT_EQ(text_of(kSmall),
            "kind: goroutine profile\ntypes: goroutine/count\nperiod: 1 goroutine/count\n"
            "drop frames: ProfileData::Add|ProfileData::prof_handler|CpuProfiler::prof_handler|__pthread_sighandler|"
            "__restore\n"
            "mapping 1: 0x0-0xffffffffffffffff @0x0  \n"
            "goroutines: read 7, kept 7\n"
            "sample 5 path=\"/a \\\"b\\\"\" tenant=\"blue\"\n"
            "  main.wait /home/dev/main.go:35 0x66dd56\n  main.main /home/dev/main.go:9 0x66dd00\n"
            "sample 2\n  ? 0xf\n");
}

TEST(GoroutineProfile, TakesAddressesWhereNoFrameIsPrinted) {
  EXPECT_THAT(text_of("threadcreate profile: total 1\n1 @ 0x5 0x6 0x0 0x0\n"),
              HasSubstr("threads: read 1, kept 1\nsample 1\n  ? 0x4\n  ? 0x5\n"));
}

TEST(GoroutineProfile, CountsWhatTheTotalPromisesAndACutTookAway) {
  EXPECT_THAT(text_of(kSmall.substr(0, kSmall.find("2 @"))),
              HasSubstr("goroutines: read 7, kept 5, skipped 2 (announced by the total, but not there)\n"));
}

TEST(GoroutineProfile, ReadsWhatAPageOrALogMadeOfIt) {
  std::string mangled;
  for (const char c : kSmall) mangled += c == '\n' ? "\r\n" : c == '\t' ? "    " : std::string(1, c);
  EXPECT_EQ(text_of("some log line\r\n" + mangled), text_of(kSmall));
}

TEST(GoroutineProfile, NeedsItsHeader) {
  EXPECT_EQ(text_of("nothing\n"), "error at byte 0: no line says `NAME profile: total N`\n");
}

TEST(GoroutineProfile, IsSeenByItsHeaderAndABlock) {
  EXPECT_EQ(kGoroutineProfile.sniff(kSmall), Match::Certain);
  EXPECT_EQ(kGoroutineProfile.sniff("goroutineleak profile: total 0\n"), Match::Certain);
  EXPECT_EQ(kPprof.sniff(kSmall), Match::No);
  EXPECT_EQ(kFolded.sniff(kSmall), Match::No);
}

TEST(GoroutineProfile, LeavesOtherTextProfilesAlone) {
  for (const char* text :
       {"", "heap profile: 3: 10486272 [5: 10699264] @ heap/1048576\n1: 416 [1: 416] @ 0x4432c8\n",
        "--- contention:\ncycles/second=2445410261\n23912000 1 @ 0x44a3a5\n",
        "--- mutex:\ncycles/second=2445412868\nsampling period=1\n",
        "goroutine 1 [running]:\nmain.main()\n\t/src/main.go:4 +0x1d\n", "no goroutineleak profile\n"})
    EXPECT_EQ(kGoroutineProfile.sniff(text), Match::No) << text;
}

}  // namespace
}  // namespace gopsy::decode
