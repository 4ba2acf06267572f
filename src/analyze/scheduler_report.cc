#include "analyze/scheduler_report.h"

#include <algorithm>

namespace gopsy::analyze {
namespace {

using model::ProcSample;
using model::SchedSample;

constexpr std::uint32_t kUnevenQueue = 8;
constexpr double kUnevenShare = 4;

class Lengths {
 public:
  void add(std::uint64_t length, std::uint32_t line) {
    all_.push_back(length);
    if (length <= lengths_.longest) return;
    lengths_.longest = length;
    lengths_.longest_line = line;
  }

  QueueLengths lengths() {
    std::ranges::sort(all_);
    lengths_.p50 = quantile<std::uint64_t>(all_, 0.5);
    lengths_.p99 = quantile<std::uint64_t>(all_, 0.99);
    return lengths_;
  }

 private:
  std::vector<std::uint64_t> all_;
  QueueLengths lengths_;
};

bool is_uneven(std::span<const ProcSample> procs) {
  std::uint64_t sum = 0;
  std::uint32_t longest = 0;
  for (const auto& proc : procs) {
    sum += proc.queue;
    longest = std::max(longest, proc.queue);
  }
  return procs.size() > 1 && longest >= kUnevenQueue &&
         static_cast<double>(longest) * static_cast<double>(procs.size()) >= kUnevenShare * static_cast<double>(sum);
}

void add_queues(const RuntimeRun& run, SchedulerReport& report) {
  Lengths global;
  Lengths local;
  Lengths all;
  for (const SchedSample* sample : run.samples) {
    const auto procs = run.procs_of(*sample);
    const std::uint64_t queued = queued_in(run, *sample);
    global.add(sample->queue, sample->line);
    for (const auto& proc : procs) local.add(proc.queue, sample->line);
    all.add(queued, sample->line);
    report.all_busy += sample->idle_procs == 0 ? 1U : 0U;
    report.idle_beside_work += sample->idle_procs > 0 && queued > 0 ? 1U : 0U;
    report.uneven += is_uneven(procs) ? 1U : 0U;
  }
  report.global = global.lengths();
  report.local = local.lengths();
  report.all = all.lengths();
}

void add_procs_and_threads(const RuntimeRun& run, SchedulerReport& report) {
  double idle = 0;
  double spinning = 0;
  report.procs_lowest = run.samples.front()->procs;
  for (const SchedSample* sample : run.samples) {
    idle += sample->idle_procs;
    spinning += sample->spinning_threads;
    report.procs_lowest = std::min(report.procs_lowest, sample->procs);
    report.procs_highest = std::max(report.procs_highest, sample->procs);
    report.threads_most = std::max(report.threads_most, sample->threads);
    if (!sample->detailed) continue;
    ++report.detailed;
    report.goroutines_last = sample->goroutines;
    report.goroutines_most = std::max(report.goroutines_most, sample->goroutines);
    report.runnable_most = std::max(report.runnable_most, sample->status[1]);
  }
  const auto count = static_cast<double>(run.samples.size());
  report.idle_procs = idle / count;
  report.spinning = spinning / count;
  report.threads_first = run.samples.front()->threads;
  report.threads_last = run.samples.back()->threads;
}

void add_gaps(const RuntimeRun& run, SchedulerReport& report) {
  std::vector<std::int64_t> gaps;
  for (std::size_t i = 1; i < run.samples.size(); ++i) {
    const SchedSample& before = *run.samples[i - 1];
    const std::int64_t gap = run.samples[i]->time_ns - before.time_ns;
    gaps.push_back(gap);
    // sysmon sleeps while nothing runs, and then prints nothing.
    if (before.idle_procs >= before.procs || gap <= report.longest_gap_ns) continue;
    report.longest_gap_ns = gap;
    report.longest_gap_line = run.samples[i]->line;
  }
  std::ranges::sort(gaps);
  report.interval_ns = quantile<std::int64_t>(gaps, 0.5);
}

// How many goroutines the Ps started between two samples. Ticks wrap at 32 bits.
std::optional<std::uint64_t> ticks_between(std::span<const ProcSample> before, std::span<const ProcSample> after) {
  if (before.empty() || before.size() != after.size()) return std::nullopt;
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (!before[i].has_ticks || !after[i].has_ticks) return std::nullopt;
    sum += after[i].ticks - before[i].ticks;
  }
  return sum;
}

void add_ticks(const RuntimeRun& run, SchedulerReport& report) {
  double ticks = 0;
  double seconds = 0;
  for (std::size_t i = 1; i < run.samples.size(); ++i) {
    const SchedSample& before = *run.samples[i - 1];
    const SchedSample& after = *run.samples[i];
    const auto started = ticks_between(run.procs_of(before), run.procs_of(after));
    if (!started) continue;
    ticks += static_cast<double>(*started) / static_cast<double>(before.proc_count);
    seconds += static_cast<double>(after.time_ns - before.time_ns) / 1e9;
    report.stuck += *started == 0 && queued_in(run, before) > 0 && queued_in(run, after) > 0 ? 1U : 0U;
  }
  if (seconds > 0) report.ticks_per_second = ticks / seconds;
}

bool is_starved(const RuntimeRun& run, const SchedSample& sample) {
  return sample.idle_procs == 0 && queued_in(run, sample) >= std::uint64_t{Starvation::kCrowd} * sample.procs;
}

Starvation starvation_of(const RuntimeRun& run, std::size_t first, std::size_t end) {
  const SchedSample& from = *run.samples[first];
  const SchedSample& to = *run.samples[end - 1];
  std::vector<std::uint64_t> queued;
  for (std::size_t i = first; i < end; ++i) queued.push_back(queued_in(run, *run.samples[i]));
  std::ranges::sort(queued);
  return {.from_ns = from.time_ns,
          .to_ns = to.time_ns,
          .samples = static_cast<std::uint32_t>(end - first),
          .procs = to.procs,
          .median_queued = quantile<std::uint64_t>(queued, 0.5),
          .most_queued = queued.back(),
          .first_line = from.line,
          .last_line = to.line};
}

}  // namespace

std::uint64_t queued_in(const RuntimeRun& run, const SchedSample& sample) {
  std::uint64_t queued = sample.queue;
  for (const auto& proc : run.procs_of(sample)) queued += proc.queue;
  return queued;
}

std::vector<Starvation> starvations(const RuntimeRun& run) {
  std::vector<Starvation> found;
  std::size_t first = 0;
  for (std::size_t i = 0; i <= run.samples.size(); ++i) {
    if (i < run.samples.size() && is_starved(run, *run.samples[i])) continue;
    if (i - first >= Starvation::kLeastSamples &&
        run.samples[i - 1]->time_ns - run.samples[first]->time_ns >= Starvation::kLeastNs)
      found.push_back(starvation_of(run, first, i));
    first = i + 1;
  }
  return found;
}

SchedulerReport scheduler_report(const RuntimeRun& run) {
  SchedulerReport report{.samples = run.samples.size(),
                         .from_ns = run.samples.front()->time_ns,
                         .to_ns = run.samples.back()->time_ns,
                         .first_line = run.samples.front()->line,
                         .last_line = run.samples.back()->line,
                         .procs = run.samples.back()->procs};
  add_queues(run, report);
  add_procs_and_threads(run, report);
  add_gaps(run, report);
  add_ticks(run, report);
  report.starved = starvations(run);
  return report;
}

ScavengeReport scavenge_report(const RuntimeRun& run) {
  ScavengeReport report{.lines = run.scavenges.size(), .used_lowest_percent = 100};
  for (const auto* line : run.scavenges) {
    report.returned_kib += line->background_kib;
    report.returned_eager_kib += line->eager_kib;
    report.released_last_kib = line->released_kib;
    report.released_most_kib = std::max(report.released_most_kib, line->released_kib);
    report.used_last_percent = line->used_percent;
    report.used_lowest_percent = std::min(report.used_lowest_percent, line->used_percent);
    report.forced += line->forced ? 1 : 0;
  }
  return report;
}

InitReport init_report(const RuntimeRun& run) {
  InitReport report{.slowest = run.inits};
  for (const auto* init : run.inits) {
    report.clock_ns += std::min(init->clock_ns, INT64_MAX - report.clock_ns);
    report.done_ns = std::max(report.done_ns, init->start_ns + init->clock_ns);
    report.bytes += init->bytes;
    report.allocs += init->allocs;
  }
  std::ranges::stable_sort(report.slowest, [](const auto* a, const auto* b) { return a->clock_ns > b->clock_ns; });
  return report;
}

}  // namespace gopsy::analyze
