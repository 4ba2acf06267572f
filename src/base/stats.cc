#include "base/stats.h"

#include <sys/resource.h>

#include <algorithm>
#include <ctime>

#include "base/format.h"
#include "base/units.h"

namespace gopsy {

std::int64_t process_cpu_ns() {
  std::timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

Stats::Timer::Timer(Stats& stats, std::string_view name)
    : stats_(stats),
      span_(stats.spans_.size()),
      wall_start_(std::chrono::steady_clock::now()),
      cpu_start_ns_(process_cpu_ns()) {
  stats_.spans_.push_back({.name = name, .depth = stats_.depth_++, .wall_ns = 0, .cpu_ns = 0});
}

Stats::Timer::~Timer() {
  Span& span = stats_.spans_[span_];
  const auto wall = std::chrono::steady_clock::now() - wall_start_;
  span.wall_ns = std::chrono::duration_cast<std::chrono::nanoseconds>(wall).count();
  span.cpu_ns = process_cpu_ns() - cpu_start_ns_;
  --stats_.depth_;
}

void Stats::count(std::string_view name, std::uint64_t amount) {
  const auto found = std::ranges::find(counts_, name, &Count::name);
  if (found != counts_.end()) {
    found->value += amount;
  } else {
    counts_.push_back({.name = name, .value = amount});
  }
}

std::string Stats::text() const {
  std::string out = fmt::format("{:<32}{:>12}{:>12}\n", "stats", "wall", "cpu");
  for (const Span& span : spans_) {
    const std::string name = std::string(2 * std::size_t{span.depth}, ' ') + std::string(span.name);
    out += fmt::format("{:<32}{:>12}{:>12}\n", name, human_duration(span.wall_ns), human_duration(span.cpu_ns));
  }
  for (const Count& count : counts_) out += fmt::format("{:<32}{:>12}\n", count.name, with_commas(count.value));
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  out +=
      fmt::format("{:<32}{:>12}\n", "peak resident", human_bytes(static_cast<std::uint64_t>(usage.ru_maxrss) * 1024));
  return out;
}

}  // namespace gopsy
