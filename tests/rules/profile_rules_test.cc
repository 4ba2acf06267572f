#include <gmock/gmock.h>

#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "decode/pprof/pprof.h"
#include "rules/rule.h"
#include "support/diagnosis.h"
#include "support/profile_builder.h"
#include "support/symptoms.h"

// The recorded profiles of tests/golden/rules show that the rules see what really happens. Here their thresholds stand:
// what is told at the last sample, and what is passed over one sample before.
namespace gopsy::rules {
namespace {

using namespace test;  // the symptoms
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

test::Diagnosis diagnosed(const std::vector<ProfileBytes>& profiles) {
  test::Diagnosis diagnosis;
  for (const ProfileBytes& profile : profiles) {
    auto evidence = decode::kPprof.decode(profile.str(), diagnosis.incident.symbols);
    EXPECT_TRUE(evidence) << message(evidence.error());
    if (!evidence) continue;
    evidence->path = std::to_string(diagnosis.incident.evidence.size()) + ".pb.gz";
    evidence->format = decode::kPprof.name;
    diagnosis.incident.evidence.push_back(*std::move(evidence));
  }
  diagnosis.findings = diagnose(diagnosis.incident);
  return diagnosis;
}

std::vector<Finding> findings_of(std::string_view rule, const std::vector<ProfileBytes>& profiles) {
  auto findings = diagnosed(profiles).findings;
  std::erase_if(findings, [&](const Finding& finding) { return finding.id != rule; });
  return findings;
}

// Half of 244 samples pass through main.serve, so many of those through main.render: a quarter of all at least.
ProfileBytes render_path(std::int64_t count) {
  auto stacks = in_parts({{.stack = {"main.render", "main.serve", "main.main"}, .count = count}},
                         {"main.serve", "main.main"}, 122 - count);
  return cpu(in_parts(std::move(stacks), {"main.main"}, 122));
}

// A path with so many of a thousand samples that falls apart: its largest part has what is said.
ProfileBytes trunk(std::int64_t count, std::int64_t largest) {
  auto stacks = in_parts({{.stack = {"main.render", "main.serve"}, .count = largest}}, {"main.serve"}, count - largest);
  return cpu(in_parts(std::move(stacks), {}, 1000 - count));
}

// Half of few samples in one function.
ProfileBytes halved(std::int64_t samples) {
  return cpu(in_parts({{.stack = {"main.render"}, .count = samples / 2}}, {}, samples / 2));
}

std::vector<Wait> equal_locks(int count) {
  std::vector<Wait> locks;
  for (int i = 0; i < count; ++i) locks.push_back({.owner = "main.(*Shard" + std::to_string(i) + ")", .ns = kSecond});
  return locks;
}

ProfileBytes cpu_with(const Names& stack, std::int64_t others) {
  return cpu({{.stack = stack, .count = 1}, {.stack = {"main.work", "runtime.main"}, .count = others}});
}

ProfileBytes heap_with(const Names& stack) {
  ProfileBytes p;
  return p.type("inuse_objects", "count").type("inuse_space", "bytes").sample(stack, {1, 1000});
}

// So many samples in one second, when one a period was asked for.
ProfileBytes in_a_second(std::int64_t samples, std::int64_t period) {
  return cpu({{.stack = {"main.work", "runtime.main"}, .count = samples}}, period, kSecond);
}

// A threshold of a rule, from both sides.
struct Threshold {
  const char* name;
  std::string_view rule;
  std::vector<ProfileBytes> above;
  std::vector<ProfileBytes> below;
};

void PrintTo(const Threshold& threshold, std::ostream* out) { *out << threshold.rule << ", " << threshold.name; }

class ProfileRule : public testing::TestWithParam<Threshold> {};

TEST_P(ProfileRule, Fires) {
  EXPECT_FALSE(findings_of(GetParam().rule, GetParam().above).empty()) << "found " << diagnosed(GetParam().above).ids();
}

TEST_P(ProfileRule, IsSilentOneStepBefore) {
  const auto findings = findings_of(GetParam().rule, GetParam().below);
  EXPECT_TRUE(findings.empty()) << test::all_words(findings);
}

std::vector<Threshold> cpu_thresholds() {
  const Names atomic{"sync/atomic.(*Int32).Add", "sync.(*RWMutex).RLock", "main.(*Cache).Get"};
  const Names after{"main.grow", "sync.(*RWMutex).RLock", "main.(*Cache).Get"};
  const Names unlock{"sync.(*RWMutex).RUnlock", "main.(*Cache).Get"};
  return {
      // Wilson: 4 of 8 samples are 21.5 to 78.5 %, 3 of 6 are 18.8 to 81.2 %.
      {"HalfOfEnoughSamples", "cpu.hot-path", {halved(8)}, {halved(6)}},
      {"TrunkWithALargePart", "cpu.hot-path", {trunk(1000, 250)}, {trunk(1000, 249)}},
      {"NoTrunkUpToNineTenths", "cpu.hot-path", {trunk(900, 225)}, {trunk(901, 226)}},
      // 64 of 1000 are 5.04 to 8.1 %, 63 are 4.95 to 8.0 %; 225 are 20.02 to 25.2 %, 224 are 19.92 to 25.1 %.
      {"InlinedTwentieth",
       "cpu.inlined-leaf",
       {of_a_thousand({"main.square|main.sum", "main.main"}, 64)},
       {of_a_thousand({"main.square|main.sum", "main.main"}, 63)}},
      {"InlinedOutsideTheRuntime",
       "cpu.inlined-leaf",
       {of_a_thousand({"main.add|runtime.mallocgc", "main.main"}, 500)},
       {of_a_thousand({"runtime.add|runtime.mallocgc", "main.main"}, 500)}},
      {"CollectorAFifth",
       "gc.pressure",
       {of_a_thousand({"runtime.scanobject", "runtime.gcBgMarkWorker"}, 225)},
       {of_a_thousand({"runtime.scanobject", "runtime.gcBgMarkWorker"}, 224)}},
      {"SweepingCounts",
       "gc.pressure",
       {of_a_thousand({"runtime.sweepone", "runtime.bgsweep"}, 225)},
       {of_a_thousand({"runtime.sweepone", "runtime.bgsweep"}, 224)}},
      {"IdleMarkingCostsNothing",
       "gc.pressure",
       {of_a_thousand({"runtime.gcDrainMarkWorkerDedicated", "runtime.gcBgMarkWorker"}, 500)},
       {of_a_thousand({"runtime.gcDrainMarkWorkerIdle", "runtime.gcBgMarkWorker"}, 500)}},
      {"AllocationIsNoCollection",
       "gc.pressure",
       {of_a_thousand({"runtime.(*sweepLocked).sweep", "runtime.mallocgc", "main.make"}, 500)},
       {of_a_thousand({"runtime.nextFreeFast", "runtime.mallocgc", "main.make"}, 500)}},
      {"AssistsATwentieth",
       "gc.pressure",
       {of_a_thousand({"runtime.gcAssistAlloc", "runtime.mallocgc", "main.make"}, 64)},
       {of_a_thousand({"runtime.gcAssistAlloc", "runtime.mallocgc", "main.make"}, 63)}},
      {"ReadersATwentieth", "contention.rwmutex-readers", {of_a_thousand(atomic, 64)}, {of_a_thousand(atomic, 63)}},
      {"UnlockingReaders", "contention.rwmutex-readers", {of_a_thousand(unlock, 64)}, {of_a_thousand(unlock, 63)}},
      {"OnlyTheCounterItself", "contention.rwmutex-readers", {of_a_thousand(atomic, 500)}, {of_a_thousand(after, 500)}},
      {"ReadersThatWaitMoreThanTheyCount",
       "contention.rwmutex-readers",
       {of_a_thousand(atomic, 100), waited_to_read(100 * kPeriod)},
       {of_a_thousand(atomic, 100), waited_to_read(100 * kPeriod + 1)}},
  };
}

std::vector<Threshold> heap_thresholds() {
  constexpr std::int64_t kRate = 524'288;
  const Heap before{.second = 1, .objects = 1000, .size = 1000};
  const ProfileBytes exact = heap(before);
  const auto exact_later = [&](std::int64_t second, std::int64_t objects) {
    return heap({.second = second, .objects = objects, .size = before.size});
  };
  const auto sampled = [](std::int64_t second, std::int64_t objects) {
    return heap({.second = second, .objects = objects, .size = kRate, .rate = kRate});
  };
  return {
      {"GrowthOfATenth", "heap.growth", {exact, exact_later(61, 1100)}, {exact, exact_later(61, 1099)}},
      // An object as large as the rate is sampled 632 times in 1000: three standard errors of 100 and 160 are 60.8.
      {"GrowthBeyondChance", "heap.growth", {sampled(1, 100), sampled(61, 161)}, {sampled(1, 100), sampled(61, 160)}},
      {"DifferentTimes", "heap.growth", {exact, exact_later(2, 2000)}, {exact, exact_later(1, 2000)}},
      {"FirstByTimeNotByPlace", "heap.growth", {exact_later(61, 2000), exact}, {exact_later(61, 500), exact}},
      {"TwoProfiles", "heap.growth", {exact, exact_later(61, 2000)}, {exact_later(61, 2000)}},
  };
}

std::vector<Threshold> lock_thresholds() {
  const auto one = [](std::int64_t ns) { return std::vector<Wait>{{.owner = "main.(*Store)", .ns = ns}}; };
  constexpr std::string_view kRule = "contention.lock-site";
  return {
      {"HeldForASecondSinceTheStart", kRule, {held(one(kSecond))}, {held(one(kSecond - 1))}},
      {"WaitedForASecondSinceTheStart", kRule, {waited(one(kSecond))}, {waited(one(kSecond - 1))}},
      {"ATenthOfTheTime", kRule, {held(one(kSecond), 10 * kSecond)}, {held(one(kSecond - 1), 10 * kSecond)}},
      {"ATenthOfAMillisecond", kRule, {waited(one(100'000), 1'000'000)}, {waited(one(99'999), 1'000'000)}},
      {"ATenthOfAllDelay", kRule, {held(equal_locks(10))}, {held(equal_locks(11))}},
      {"LocksOfTheProgram",
       kRule,
       {waits({"runtime.unlock", "sync.(*Mutex).Unlock"}, one(kSecond), 0)},
       {waits({"runtime.unlock", "runtime.mallocgc"}, one(kSecond), 0)}},
  };
}

std::vector<Threshold> evidence_thresholds() {
  constexpr std::string_view kStacks = "evidence.truncated-stacks";
  constexpr std::string_view kRate = "evidence.sampling-rate";
  const Names lost{"runtime/pprof.lostProfileEvent"};
  return {
      {"APercentOfTheWeight", kStacks, {cpu_with(deep(64), 99)}, {cpu_with(deep(64), 100)}},
      {"SixtyFourFrames", kStacks, {cpu_with(deep(64), 9)}, {cpu_with(deep(63), 9)}},
      {"AnUnknownRoot", kStacks, {cpu_with(deep(64), 9)}, {cpu_with(deep(64, "runtime.goexit"), 9)}},
      {"ARootOfNoShortStack", kStacks, {cpu_with(deep(64), 9)}, {cpu({{deep(64), 1}, {deep(3), 9}})}},
      {"ThirtyTwoFramesOfAHeap", kStacks, {heap_with(deep(32))}, {heap_with(deep(31))}},
      {"AHundredAndTwentyEight", kStacks, {heap_with(deep(128))}, {heap_with(deep(127))}},
      {"MoreThanAnyKernelHas", kRate, {in_a_second(2000, 999'999)}, {in_a_second(2000, 1'000'000)}},
      {"MoreThanCommonTicks", kRate, {in_a_second(249, 3'999'999)}, {in_a_second(249, 4'000'000)}},
      {"FewerThanAsked", kRate, {in_a_second(499, 2'000'000)}, {in_a_second(500, 2'000'000)}},
      {"APercentLost", kRate, {cpu_with(lost, 99)}, {cpu_with(lost, 100)}},
      {"LostDuringAnAtomic",
       kRate,
       {cpu_with({"runtime._LostSIGPROFDuringAtomic64", "runtime._System"}, 99)},
       {cpu_with({"runtime._LostSIGPROFDuringAtomic64", "runtime._System"}, 100)}},
  };
}

std::string name_of_case(const testing::TestParamInfo<Threshold>& info) { return info.param.name; }
INSTANTIATE_TEST_SUITE_P(Cpu, ProfileRule, testing::ValuesIn(cpu_thresholds()), name_of_case);
INSTANTIATE_TEST_SUITE_P(Heap, ProfileRule, testing::ValuesIn(heap_thresholds()), name_of_case);
INSTANTIATE_TEST_SUITE_P(Lock, ProfileRule, testing::ValuesIn(lock_thresholds()), name_of_case);
INSTANTIATE_TEST_SUITE_P(Evidence, ProfileRule, testing::ValuesIn(evidence_thresholds()), name_of_case);

// The one finding of that rule.
Finding only(std::string_view rule, const std::vector<ProfileBytes>& profiles) {
  const auto findings = findings_of(rule, profiles);
  EXPECT_EQ(findings.size(), 1) << test::all_words(findings);
  return findings.empty() ? Finding{} : findings[0];
}

TEST(CpuHotPath, GoesOnWhileACalleeHasHalfOfItsCallersTime) {
  const auto end = [](std::int64_t hits) {
    return only("cpu.hot-path",
                {cpu(in_parts({{.stack = {"main.hot", "main.main"}, .count = hits}}, {"main.main"}, 1000 - hits))})
        .title;
  };
  EXPECT_THAT(end(500), EndsWith("is spent in main.hot"));
  // Everything passes through main.main then, and half of it is a part large enough to be told.
  EXPECT_THAT(end(499), EndsWith("passes through main.main"));
}

// Wilson: 62 of 244 samples are 20.3 to 31.2 %, 61 are 19.98 to 30.8 %.
TEST(CpuHotPath, GoesOnWhileACalleeSurelyHasAFifthOfAll) {
  EXPECT_THAT(only("cpu.hot-path", {render_path(62)}).title, HasSubstr("main.render"));
  EXPECT_THAT(only("cpu.hot-path", {render_path(61)}).title, EndsWith("main.serve"));
}

TEST(CpuHotPath, NamesTheProgramsOwnFunctionWhereItEndsInALibrary) {
  const Finding finding =
      only("cpu.hot-path", {cpu({{.stack = {"crypto/sha256.block", "main.sign", "main.main"}, .count = 100}})});
  EXPECT_THAT(finding.title, EndsWith("is spent in sha256.block, under main.sign (100.0 %)"));
}

TEST(CpuHotPath, EndsWhereTheProgramCallsTheRuntime) {
  const Finding finding =
      only("cpu.hot-path",
           {cpu({{.stack = {"runtime.memmove", "runtime.growslice", "main.fill", "runtime.main"}, .count = 100}})});
  EXPECT_THAT(finding.title, EndsWith("passes through main.fill"));
  EXPECT_THAT(finding.why, HasSubstr("100.0 % in runtime.growslice"));
}

TEST(CpuHotPath, EachProfileIsJudgedByItself) {
  EXPECT_EQ(findings_of("cpu.hot-path", {render_path(62), trunk(1000, 249), trunk(1000, 250)}).size(), 2);
}

TEST(CpuInlinedLeaf, TellsTheThreeHeaviest) {
  std::vector<Hits> stacks;
  for (const std::int64_t count : {100, 130, 110, 120})
    stacks.push_back({.stack = {"main.f" + std::to_string(count) + "|main.loop"}, .count = count});
  const auto findings = findings_of("cpu.inlined-leaf", {cpu(in_parts(std::move(stacks), {}, 540))});
  ASSERT_EQ(findings.size(), 3);
  EXPECT_THAT(findings[0].title, HasSubstr("main.f130, inlined into main.loop"));
  EXPECT_THAT(findings[1].title, HasSubstr("main.f120"));
  EXPECT_THAT(findings[2].title, HasSubstr("main.f110"));
}

TEST(GcPressure, NamesAssistsFromATwentiethOnAndThePlaceThatAllocatedMost) {
  const auto pressure = [](std::int64_t assists) {
    return cpu(in_parts({{.stack = {"runtime.gcAssistAlloc", "runtime.mallocgc"}, .count = assists},
                         {.stack = {"runtime.gcBgMarkWorker"}, .count = 400}},
                        {}, 600 - assists));
  };
  EXPECT_THAT(only("gc.pressure", {pressure(64)}).title, HasSubstr("of it from goroutines that allocate"));
  EXPECT_THAT(only("gc.pressure", {pressure(63)}).title, EndsWith("of the CPU time"));
  ProfileBytes allocs;
  allocs.type("alloc_space", "bytes");
  allocs.sample({"runtime.mallocgc", "main.read"}, {75}).sample({"main.write"}, {25});
  const Finding finding = only("gc.pressure", {pressure(64), allocs});
  ASSERT_EQ(finding.evidence.size(), 2);
  EXPECT_THAT(finding.evidence[1].text, StartsWith("75.0 % of all bytes ever allocated come from main.read at"));
}

TEST(HeapGrowth, SaysThePaceFromAMinuteOn) {
  const auto why_after = [](std::int64_t seconds) {
    return only("heap.growth", {heap({.second = 1, .objects = 1, .size = 1 << 20}),
                                heap({.second = 1 + seconds, .objects = 2, .size = 1 << 20})})
        .why;
  };
  EXPECT_THAT(why_after(60), HasSubstr("that is 60.0 MiB an hour"));
  EXPECT_THAT(why_after(59), testing::Not(HasSubstr("an hour")));
}

TEST(LockContention, IsAWarningFromOneGoroutineThatAlwaysWaits) {
  const auto severity = [](std::int64_t ns) {
    return only("contention.lock-site", {held({{.owner = "main.(*Store)", .ns = ns}}, 10 * kSecond)}).severity;
  };
  EXPECT_EQ(severity(10 * kSecond), Severity::Warning);
  EXPECT_EQ(severity(10 * kSecond - 1), Severity::Info);
}

TEST(LockContention, TellsThreeLocksAndTheirBothSides) {
  EXPECT_EQ(findings_of("contention.lock-site", {held(equal_locks(4))}).size(), 3);
  const auto locks = equal_locks(1);
  EXPECT_EQ(only("contention.lock-site", {held(locks)}).confidence, 0.75);
  const Finding joined = only("contention.lock-site", {held(locks), waited(locks)});
  EXPECT_EQ(joined.confidence, 0.9);
  ASSERT_EQ(joined.evidence.size(), 2);
  EXPECT_THAT(joined.evidence[0].text, StartsWith("held until the Unlock in: main.(*Shard0).Put"));
  EXPECT_THAT(joined.evidence[1].text, StartsWith("waited in: main.(*Shard0).Put"));
}

TEST(LockContention, JudgesEachSideByTheDurationOfItsOwnProfile) {
  constexpr std::string_view kRule = "contention.lock-site";
  const auto store = [](std::int64_t ns) { return std::vector<Wait>{{.owner = "main.(*Store)", .ns = ns}}; };
  // Five seconds since the start of the process are not half of a mutex profile of ten seconds.
  const Finding since_start = only(kRule, {held(store(1), 10 * kSecond), waited(store(5 * kSecond))});
  EXPECT_EQ(since_start.severity, Severity::Info);
  EXPECT_THAT(since_start.why, HasSubstr("since the start of the process"));
  EXPECT_THAT(since_start.why, testing::Not(HasSubstr("at a time on average")));
  // Nor is a block profile of one second without a duration because the mutex profile is.
  const Finding of_a_second = only(kRule, {held(store(kSecond / 2)), waited(store(kSecond / 2), kSecond)});
  EXPECT_THAT(of_a_second.why, HasSubstr("Goroutines waited 500 ms for the lock of main.(*Store), 0.5 of them"));
  // A short wait in a long profile says nothing beside a long one in a short profile.
  EXPECT_EQ(only(kRule, {held(store(2 * kSecond), 100 * kSecond), waited(store(kSecond), kSecond)}).severity,
            Severity::Warning);
}

TEST(RwMutexReaders, AreSurerWithABlockProfileThatAgrees) {
  const ProfileBytes readers =
      of_a_thousand({"internal/runtime/atomic.Xadd", "sync.(*RWMutex).RUnlock", "main.(*Cache).Get"}, 100);
  EXPECT_EQ(only("contention.rwmutex-readers", {readers}).confidence, 0.7);
  EXPECT_EQ(only("contention.rwmutex-readers", {readers, waited_to_read(1)}).confidence, 0.9);
}

TEST(TruncatedStacks, AreSurerWhereThereAreTwo) {
  constexpr std::string_view kRule = "evidence.truncated-stacks";
  EXPECT_EQ(only(kRule, {cpu({{deep(64), 1}})}).confidence, 0.7);
  EXPECT_EQ(only(kRule, {cpu({{deep(64), 1}, {deep(64, "main.another"), 1}})}).confidence, 0.9);
}

TEST(TruncatedStacks, HaveTheRemedyOfTheProfileThatCutThem) {
  const auto fix = [](const ProfileBytes& profile) { return only("evidence.truncated-stacks", {profile}).fix; };
  EXPECT_THAT(fix(cpu_with(deep(64), 9)), StartsWith("No setting helps"));
  EXPECT_THAT(fix(heap_with(deep(32))), StartsWith("Before Go 1.23 the limit of 32 frames is fixed"));
  EXPECT_THAT(fix(heap_with(deep(128))), StartsWith("GODEBUG=profstackdepth=1024"));
}

TEST(SamplingRate, IsInDoubtWhereAnIdleProcessLooksTheSame) {
  EXPECT_EQ(only("evidence.sampling-rate", {in_a_second(499, 2'000'000)}).confidence, 0.8);
  EXPECT_EQ(only("evidence.sampling-rate", {in_a_second(499, 999'999)}).confidence, 0.95);
}

TEST(SamplingRate, IsNotJudgedWithoutADuration) {
  EXPECT_THAT(findings_of("evidence.sampling-rate", {cpu({{{"main.work", "runtime.main"}, 1}}, 100'000)}),
              testing::IsEmpty());
}

}  // namespace
}  // namespace gopsy::rules
