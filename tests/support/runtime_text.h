#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/format.h"

namespace gopsy::test {

/// A line of gctrace, of a program on two CPUs.
struct GcText {
  std::uint64_t number = 1;
  double at = 0;       ///< seconds
  double cost_ms = 0;  ///< CPU time of background workers
  double assist_ms = 0;
  std::uint32_t start = 20;
  std::uint32_t end = 20;
  std::uint32_t live = 10;
  std::uint32_t goal = 20;
  bool forced = false;

  [[nodiscard]] std::string str() const {
    return fmt::format(
        "gc {} @{:.3f}s 3%: 0+{}+0 ms clock, 0+{}/{}/0+0 ms cpu, {}->{}->{} MB, {} MB goal, 0 MB stacks, 0 MB globals, "
        "2 P{}\n",
        number, at, 1, assist_ms, cost_ms, start, end, live, goal, forced ? " (forced)" : "");
  }
};

/// One line a number, the cycles a second apart, and what `shape` makes of each.
template <class Shape>
std::string gc_log(std::uint64_t cycles, const Shape& shape) {
  std::string text;
  for (std::uint64_t i = 0; i < cycles; ++i) {
    GcText line{.number = i + 1, .at = static_cast<double>(i)};
    shape(i, line);
    text += line.str();
  }
  return text;
}

/// Samples of schedtrace half a second apart on two CPUs, the global queue as long as each number says.
inline std::string sched_log(const std::vector<std::uint32_t>& queues, std::uint32_t idle = 0) {
  std::string text;
  for (std::size_t i = 0; i < queues.size(); ++i)
    text += fmt::format(
        "SCHED {}ms: gomaxprocs=2 idleprocs={} threads=5 spinningthreads=0 needspinning=0 idlethreads=1 runqueue={} "
        "[0 0]\n",
        i * 500, idle, queues[i]);
  return text;
}

}  // namespace gopsy::test
