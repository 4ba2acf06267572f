// Each rule of profiles just above and just below each of its thresholds. CPU rules judge by the lower end of the 95 %
// interval (Wilson), so the share that fires is a bit above the threshold; `fires_at` finds it.
#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "analyze/marks.h"
#include "decode/pprof/pprof.h"
#include "rules/rule.h"
#include "support/profile_builder.h"

namespace gopsy::rules {
namespace {

using test::ProfileBytes;

constexpr std::int64_t kTick = 10'000'000;

// Findings of one incident made of profiles in memory.
class Profiles {
 public:
  Profiles& add(const ProfileBytes& bytes) {
    auto evidence = decode::kPprof.decode(bytes.str(), incident_.symbols);
    EXPECT_TRUE(evidence);
    evidence->path = "p" + std::to_string(incident_.evidence.size() + 1) + ".pb.gz";
    evidence->format = "pprof";
    incident_.evidence.push_back(*std::move(evidence));
    return *this;
  }

  /// Of the first finding of that rule; empty if there is none.
  [[nodiscard]] std::string title(std::string_view id) {
    for (const auto& finding : diagnose(incident_))
      if (finding.id == id) return finding.title;
    return {};
  }

  [[nodiscard]] std::size_t count(std::string_view id) {
    std::size_t found = 0;
    for (const auto& finding : diagnose(incident_)) found += finding.id == id ? 1 : 0;
    return found;
  }

 private:
  model::Incident incident_;
};

ProfileBytes cpu_profile() {
  ProfileBytes p;
  p.type("samples", "count").type("cpu", "nanoseconds").period("cpu", "nanoseconds", kTick).mapping("/srv/shop");
  p.number(10, 10'000'000'000);
  return p;
}

void ticks(ProfileBytes& p, const std::vector<std::string>& stack, std::int64_t count) {
  if (count > 0) p.sample(stack, {count, count * kTick});
}

// The fewest of `all` samples with which the 95 % interval begins at `share` or above.
std::int64_t fires_at(double share, std::int64_t all) {
  for (std::int64_t hits = 0; hits <= all; ++hits)
    if (analyze::share_interval(static_cast<double>(hits), static_cast<double>(all)).low >= share) return hits;
  return all;
}

// A CPU profile of 1,000 samples of which `hits` have `stack`, and the others are spread over many roots.
Profiles cpu_with(const std::vector<std::string>& stack, std::int64_t hits) {
  ProfileBytes p = cpu_profile();
  ticks(p, stack, hits);
  const std::int64_t rest = 1000 - hits;
  for (int i = 0; i < 20; ++i)
    ticks(p, {"main.part" + std::to_string(i), "main.root" + std::to_string(i)}, rest / 20 + (i < rest % 20 ? 1 : 0));
  Profiles profiles;
  profiles.add(p);
  return profiles;
}

void expect_threshold(std::string_view id, const std::vector<std::string>& stack, double share) {
  const std::int64_t hits = fires_at(share, 1000);
  EXPECT_EQ(cpu_with(stack, hits).count(id), 1) << id << " with " << hits << " of 1000 samples";
  EXPECT_EQ(cpu_with(stack, hits - 1).count(id), 0) << id << " with " << hits - 1 << " of 1000 samples";
}

// main.serve has all, main.handler half of it, main.hot `hits` of that half.
std::string hot_path_end(std::int64_t hits) {
  ProfileBytes p = cpu_profile();
  ticks(p, {"main.hot", "main.handler", "main.serve"}, hits);
  for (int i = 0; i < 10; ++i) {
    ticks(p, {"main.part" + std::to_string(i), "main.handler", "main.serve"}, i == 0 ? 500 - hits - 27 * 9 : 27);
    ticks(p, {"main.other" + std::to_string(i), "main.serve"}, 50);
  }
  Profiles profiles;
  profiles.add(p);
  return profiles.title("cpu.hot-path");
}

TEST(ProfileRules, AHotPathGoesAsFarAsAFifthOfTheCpuTimeAndHalfOfItsCaller) {
  EXPECT_THAT(hot_path_end(250), testing::HasSubstr("main.hot"));
  EXPECT_THAT(hot_path_end(249), testing::HasSubstr("main.handler")) << "less than half of its caller";
  EXPECT_EQ(cpu_with({"main.hot", "main.serve"}, 500).count("cpu.hot-path"), 1);
  EXPECT_EQ(cpu_with({"main.hot", "main.serve"}, 499).count("cpu.hot-path"), 0);
  // Half of each caller: 512, 256 and 128 of 1,000. The last is below a fifth, the path ends before it.
  ProfileBytes p = cpu_profile();
  ticks(p, {"main.d", "main.c", "main.b", "main.a"}, 128);
  ticks(p, {"main.c", "main.b", "main.a"}, 128);
  ticks(p, {"main.b", "main.a"}, 256);
  ticks(p, {"main.a"}, 488);
  EXPECT_THAT(Profiles().add(p).title("cpu.hot-path"), testing::HasSubstr("main.c"));
}

TEST(ProfileRules, TheTrunkOfAProgramIsNoHotPath) {
  for (const int parts : {4, 5}) {
    ProfileBytes q = cpu_profile();
    for (int i = 0; i < parts; ++i) ticks(q, {"main.f" + std::to_string(i), "main.serve"}, 1000 / parts);
    EXPECT_EQ(Profiles().add(q).count("cpu.hot-path"), parts == 4 ? 1 : 0) << parts;
  }
}

TEST(ProfileRules, AnInlinedLeafHasATwentieth) {
  expect_threshold("cpu.inlined-leaf", {"main.leaf|main.loop", "main.handler"}, 0.05);
}

TEST(ProfileRules, WhatTheRuntimeInlinesIntoItselfIsNobodys) {
  EXPECT_EQ(cpu_with({"runtime.nextFreeFast|runtime.mallocgc", "main.handler"}, 300).count("cpu.inlined-leaf"), 0);
}

TEST(ProfileRules, TheCollectorHasAFifthOrAssistsATwentieth) {
  expect_threshold("gc.pressure", {"runtime.scanobject", "runtime.gcDrain", "runtime.gcBgMarkWorker"}, 0.2);
  expect_threshold(
      "gc.pressure",
      {"runtime.gcDrainN", "runtime.gcAssistAlloc1", "runtime.gcAssistAlloc", "runtime.mallocgc", "main.handler"},
      0.05);
}

TEST(ProfileRules, IdleWorkersCostNothing) {
  EXPECT_EQ(cpu_with({"runtime.gcDrain", "runtime.gcDrainMarkWorkerIdle", "runtime.gcBgMarkWorker"}, 600)
                .count("gc.pressure"),
            0);
}

TEST(ProfileRules, ReadersOfAnRwMutexHaveATwentieth) {
  expect_threshold("contention.rwmutex-readers", {"sync/atomic.(*Int32).Add|sync.(*RWMutex).RLock", "main.lookup"},
                   0.05);
}

TEST(ProfileRules, ReadersThatReallyWaitAreAnotherMatter) {
  for (const std::int64_t waited : {kTick, 300 * kTick}) {
    Profiles profiles = cpu_with({"sync/atomic.(*Int32).Add|sync.(*RWMutex).RLock", "main.lookup"}, 200);
    ProfileBytes block;
    block.type("contentions", "count").type("delay", "nanoseconds").period("contentions", "count", 1);
    block.sample({"sync.(*RWMutex).RLock", "main.lookup"}, {1, waited});
    profiles.add(block);
    EXPECT_EQ(profiles.count("contention.rwmutex-readers"), waited == kTick ? 1 : 0) << waited;
  }
}

ProfileBytes mutex_profile(std::int64_t delay_ns, std::int64_t duration_ns) {
  ProfileBytes p;
  p.type("contentions", "count").type("delay", "nanoseconds").period("contentions", "count", 1);
  p.number(10, static_cast<std::uint64_t>(duration_ns));
  p.sample({"sync.(*Mutex).Unlock", "shop.(*Cart).Add", "main.main"}, {10, delay_ns});
  return p;
}

TEST(ProfileRules, ALockKeepsATenthOfAGoroutineWaiting) {
  constexpr std::int64_t kMinute = 60'000'000'000;
  EXPECT_EQ(Profiles().add(mutex_profile(kMinute / 10, kMinute)).count("contention.lock-site"), 1);
  EXPECT_EQ(Profiles().add(mutex_profile(kMinute / 10 - 1, kMinute)).count("contention.lock-site"), 0);
}

TEST(ProfileRules, WithoutADurationALockIsWaitedForASecond) {
  EXPECT_EQ(Profiles().add(mutex_profile(1'000'000'000, 0)).count("contention.lock-site"), 1);
  EXPECT_EQ(Profiles().add(mutex_profile(999'999'999, 0)).count("contention.lock-site"), 0);
}

TEST(ProfileRules, ALockHasATenthOfAllWaiting) {
  for (const std::int64_t delay : {2'000'000'000, 1'999'999'999}) {
    ProfileBytes p = mutex_profile(20'000'000'000 - delay, 0);
    p.sample({"sync.(*Mutex).Unlock", "shop.(*Order).Put", "main.main"}, {10, delay});
    EXPECT_EQ(Profiles().add(p).count("contention.lock-site"), delay == 2'000'000'000 ? 2 : 1) << delay;
  }
}

// Every object of `object` bytes, sampled at a rate of `rate` bytes.
ProfileBytes heap_profile(std::int64_t time_s, std::int64_t objects, std::int64_t object, std::int64_t rate) {
  ProfileBytes p;
  for (const char* type : {"alloc_objects", "alloc_space", "inuse_objects", "inuse_space"})
    p.type(type, std::string_view(type).ends_with("space") ? "bytes" : "count");
  p.period("space", "bytes", rate).number(9, static_cast<std::uint64_t>(time_s) * 1'000'000'000);
  p.sample({"shop.(*Cache).Put", "main.main"}, {objects, objects * object, objects, objects * object});
  return p;
}

std::size_t growth(std::int64_t before, std::int64_t after, std::int64_t object, std::int64_t rate) {
  return Profiles()
      .add(heap_profile(1'700'000'000, before, object, rate))
      .add(heap_profile(1'700'000'600, after, object, rate))
      .count("heap.growth");
}

TEST(ProfileRules, AHeapGrowsByATenth) {
  // A rate of 1 samples everything: no chance in it.
  EXPECT_EQ(growth(1000, 1100, 4096, 1), 1);
  EXPECT_EQ(growth(1000, 1099, 4096, 1), 0);
}

TEST(ProfileRules, AHeapGrowsBeyondThreeStandardErrorsOfSampling) {
  // Objects far below the rate are one sample in a thousand: each weighs 512 KiB, and the difference of n and m of them
  // has an error of sqrt(n + m). 100 and 150 differ by 3.2 errors, 100 and 145 by 2.9.
  EXPECT_EQ(growth(100 * 1024, 150 * 1024, 512, 512 << 10), 1);
  EXPECT_EQ(growth(100 * 1024, 145 * 1024, 512, 512 << 10), 0);
}

ProfileBytes rate_profile(std::int64_t rate, std::int64_t samples) {
  ProfileBytes p;
  const std::int64_t period = 1'000'000'000 / rate;
  p.type("samples", "count").type("cpu", "nanoseconds").period("cpu", "nanoseconds", period).mapping("/srv/shop");
  p.number(10, 1'000'000'000);
  for (int i = 0; i < 4; ++i) p.sample({"main.f" + std::to_string(i)}, {samples / 4, samples / 4 * period});
  return p;
}

TEST(ProfileRules, ARateBeyondTheTicksOfTheKernelIsNotReached) {
  EXPECT_EQ(Profiles().add(rate_profile(100, 40)).count("evidence.sampling-rate"), 0);
  EXPECT_EQ(Profiles().add(rate_profile(250, 40)).count("evidence.sampling-rate"), 0);
  EXPECT_EQ(Profiles().add(rate_profile(500, 496)).count("evidence.sampling-rate"), 1);
  EXPECT_EQ(Profiles().add(rate_profile(500, 500)).count("evidence.sampling-rate"), 0) << "several threads reached it";
  EXPECT_EQ(Profiles().add(rate_profile(1000, 1000)).count("evidence.sampling-rate"), 0);
  EXPECT_EQ(Profiles().add(rate_profile(2000, 4000)).count("evidence.sampling-rate"), 1) << "no kernel has that";
}

TEST(ProfileRules, AHundredthOfTheSamplesLostIsTold) {
  for (const std::int64_t lost : {10, 9}) {
    ProfileBytes p = cpu_profile();
    ticks(p, {"runtime/pprof.lostProfileEvent"}, lost);
    for (int i = 0; i < 10; ++i) ticks(p, {"main.f" + std::to_string(i)}, i == 0 ? 100 - lost : 100);
    EXPECT_EQ(Profiles().add(p).count("evidence.sampling-rate"), lost == 10 ? 1 : 0) << lost;
  }
}

std::vector<std::string> deep(std::size_t frames, const std::string& root) {
  std::vector<std::string> stack(frames - 1, "main.walk");
  stack.push_back(root);
  return stack;
}

TEST(ProfileRules, StacksCutAtTheLimitHaveAHundredthOfTheWeight) {
  for (const std::int64_t cut : {10, 9}) {
    ProfileBytes p = cpu_profile();
    ticks(p, deep(64, "main.walk"), cut / 2);
    ticks(p, deep(64, "main.inner"), cut - cut / 2);
    ticks(p, {"main.walk", "main.main", "runtime.main"}, 1000 - cut);
    EXPECT_EQ(Profiles().add(p).count("evidence.truncated-stacks"), cut == 10 ? 1 : 0) << cut;
  }
}

TEST(ProfileRules, StacksAsDeepAsTheLimitWithTheirRootAreWhole) {
  ProfileBytes p = cpu_profile();
  ticks(p, deep(64, "runtime.main"), 500);
  ticks(p, deep(63, "main.walk"), 500);
  EXPECT_EQ(Profiles().add(p).count("evidence.truncated-stacks"), 0);
}

}  // namespace
}  // namespace gopsy::rules
