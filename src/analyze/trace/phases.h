#pragma once

#include <algorithm>
#include <cstdint>

#include "analyze/trace/durations.h"

namespace gopsy::analyze {

/// How long something was going on so far: the collector's marking, a stop of the world. One at a time; what began
/// before the range of time counts from its beginning.
class PhaseClock {
 public:
  void begin(std::int64_t ns) {
    if (!going_) since_ns_ = ns;
    going_ = true;
  }
  void end(std::int64_t ns, std::int64_t first_ns) {
    total_ns_ = at(ns, first_ns);
    going_ = false;
  }
  [[nodiscard]] std::int64_t at(std::int64_t ns, std::int64_t first_ns) const {
    std::int64_t sum = total_ns_;
    if (going_ && ns > std::max(since_ns_, first_ns)) add_ns(sum, between(std::max(since_ns_, first_ns), ns));
    return sum;
  }

 private:
  std::int64_t since_ns_ = 0;
  std::int64_t total_ns_ = 0;
  bool going_ = false;
};

}  // namespace gopsy::analyze
