#include "rules/catalog.h"
#include "rules/explain.h"
#include "rules/profile/words.h"

namespace gopsy::rules {
namespace {

// CPU timers of Linux fire at scheduler ticks: CONFIG_HZ is 250 on the kernels of most distributions, 1000 at most.
constexpr double kCommonTicks = 250;
constexpr double kMostTicks = 1000;
constexpr double kLeastLost = 0.01;

struct Rate {
  double asked = 0;  // times a second of CPU time
  double seen = 0;   // times a second of wall time, over all threads
};

void tell_rate(const analyze::CpuProfile& cpu, const Rate& rate, std::vector<Finding>& findings) {
  const bool beyond_all = rate.asked > kMostTicks;
  Finding finding{.confidence = beyond_all ? 0.95 : 0.8};
  finding.title = fmt::format("The profile asked for {:.0f} samples a second and could not have them", rate.asked);
  finding.why = fmt::format(
      "Linux checks CPU timers at scheduler ticks: a busy thread gets {:.0f} samples a second at most on the kernels "
      "of "
      "most distributions (CONFIG_HZ=250), {:.0f} on others. Each sample still counts for {} of CPU time, so times are "
      "too low, by a factor of up to {:.1f}. {:.0f} samples came a second. Shares of the total still hold.",
      kCommonTicks, kMostTicks, human_duration(cpu.profile->period), rate.asked / kCommonTicks, rate.seen);
  finding.evidence.push_back(
      value_of(*cpu.evidence, fmt::format("period {}, {:.0f} samples in {}", human_duration(cpu.profile->period),
                                          cpu.samples, human_duration(cpu.profile->duration_ns))));
  finding.confirm = "`grep CONFIG_HZ= /boot/config-$(uname -r)` on the host says how many ticks there are.";
  finding.fix =
      "Leave out runtime.SetCPUProfileRate: 100 a second is what the profiler is made for. For more detail profile "
      "longer, or sample with perf record -F, which uses the CPU's own counters.";
  finding.next = fmt::format("gopsy pprof -raw {}", shell_word(cpu.evidence->path));
  findings.push_back(std::move(finding));
}

void tell_lost(const analyze::CpuProfile& cpu, std::int64_t lost, std::vector<Finding>& findings) {
  Finding finding{.confidence = 0.95};
  finding.title = fmt::format("{} of the CPU samples have lost their stacks", percent(cpu.share(lost)));
  finding.why =
      "The profiler writes samples into a buffer that a goroutine empties ten times a second. When that goroutine does "
      "not get to run, or the rate is too high, samples are counted without a stack (runtime/pprof.lostProfileEvent). "
      "All other shares are too low by that much, and the busiest moments are those that lack.";
  finding.evidence.push_back(value_of(
      *cpu.evidence, fmt::format("{} of {} in lost samples", human_duration(lost), human_duration(cpu.total_ns))));
  finding.confirm =
      "A second profile at the default rate: if samples are lost again, the process starves its goroutines.";
  finding.fix =
      "Leave the rate at 100 a second, and look at the CPU limit of the container: throttling stops the goroutine that "
      "empties the buffer.";
  finding.next = fmt::format("gopsy pprof -top {}", shell_word(cpu.evidence->path));
  findings.push_back(std::move(finding));
}

void run(Inquiry& inquiry, std::vector<Finding>& findings) {
  for (const auto& cpu : analyze::cpu_profiles(inquiry.incident)) {
    const std::int64_t lost = lost_time(cpu, inquiry.incident.symbols);
    if (cpu.share(lost) >= kLeastLost) tell_lost(cpu, lost, findings);
    const auto& profile = *cpu.profile;
    if (profile.period <= 0 || profile.duration_ns <= 0) continue;
    const Rate rate{.asked = 1e9 / static_cast<double>(profile.period),
                    .seen = cpu.samples * 1e9 / static_cast<double>(profile.duration_ns)};
    // Several busy threads may reach the rate of one: then only a rate that no kernel has is beyond doubt.
    const bool unreachable = rate.asked > kMostTicks || (rate.asked > kCommonTicks && rate.seen < rate.asked);
    if (unreachable) tell_rate(cpu, rate, findings);
  }
}

}  // namespace

constinit const Rule kSamplingRate{
    .id = "evidence.sampling-rate",
    .severity = Severity::Info,
    .summary = "a CPU profile whose sampling rate was not reached, or whose samples were lost",
    .run = run,
};

}  // namespace gopsy::rules
