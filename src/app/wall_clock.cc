#include "app/wall_clock.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <ctime>
#include <utility>

#include "app/process_image.h"
#include "base/format.h"
#include "base/stats.h"
#include "base/units.h"
#include "process/live.h"
#include "process/runtime/wall_clock.h"

namespace gopsy::app {
namespace {

void sleep_until(std::int64_t ns) {
  const timespec when{.tv_sec = ns / 1'000'000'000, .tv_nsec = ns % 1'000'000'000};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &when, nullptr) == EINTR) {}
}

model::Evidence evidence_of(process::WallClock& clock, const GoProcess& process, std::int64_t begun_ns,
                            std::int64_t length_ns, bool ended) {
  model::Evidence evidence;
  evidence.process = process.image.program;
  evidence.kind =
      fmt::format("wall-clock profile, {} in {}", counted(clock.samples(), "look"), human_duration(length_ns));
  if (!process.runtime.version.empty())
    evidence.go_version.is_exactly(process.runtime.version, "the executable's build information");
  evidence.time_ns = begun_ns;
  model::Counts goroutines{.what = "goroutines, summed over the looks",
                           .read = clock.goroutines(),
                           .kept = clock.goroutines(),
                           .skipped = {}};
  if (clock.dropped() != 0) {
    goroutines.kept -= clock.dropped();
    goroutines.skip("of more distinct stacks than are kept apart", clock.dropped());
  }
  evidence.counts.push_back(std::move(goroutines));
  if (ended) evidence.cut = "the process ended while it was looked at";
  evidence.profile = clock.take();
  evidence.profile->time_ns = begun_ns;
  evidence.profile->duration_ns = length_ns;
  return evidence;
}

}  // namespace

std::expected<model::Evidence, std::string> sample_process(std::uint32_t pid, const WallClockOptions& options,
                                                           model::Symbols& symbols) {
  const auto opened = open_process(pid, options.executable);
  if (!opened) return std::unexpected(opened.error());
  const GoProcess& process = **opened;
  const auto identity = process::Identity::of(pid);
  process::WallClock clock(process.runtime, symbols);
  const std::int64_t begun_ns =
      std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
  const std::int64_t start = monotonic_ns();
  const std::int64_t end = start + options.length_ns;
  const auto interval = static_cast<std::int64_t>(1e9 / options.hertz);
  std::int64_t next = start;
  std::int64_t previous = start - interval;
  bool ended = false;
  for (;;) {
    const std::int64_t now = monotonic_ns();
    if (now >= end) break;
    if (!identity.alive()) {
      ended = true;
      break;
    }
    if (options.progress) options.progress(now - start);
    const std::int64_t cpu = process_cpu_ns();
    clock.sample(now - std::exchange(previous, now));
    const std::int64_t spent = process_cpu_ns() - cpu;
    next += std::max(interval, static_cast<std::int64_t>(static_cast<double>(spent) / kMostShare));
    next = std::max(next, monotonic_ns());
    sleep_until(std::min(next, end));
  }
  return evidence_of(clock, process, begun_ns, monotonic_ns() - start, ended);
}

}  // namespace gopsy::app
