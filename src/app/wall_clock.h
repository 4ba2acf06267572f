#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <string>

#include "model/evidence.h"

namespace gopsy::app {

struct WallClockOptions {
  std::string executable;                   ///< empty: it is looked for
  std::int64_t length_ns = 10'000'000'000;  ///< how long to look
  double hertz = 10;                        ///< how often, unless that took more than kMostShare of a processor
  std::function<void(std::int64_t passed_ns)> progress;
};

/// How much of one processor looking may take: looks are made rarer until they take no more.
constexpr double kMostShare = 0.25;

/// Looks at the goroutines of a process that runs, again and again, and makes a profile of where they spend time, on a
/// processor or not. Nothing is stopped.
///
/// Yields  evidence with a profile (wall, in nanoseconds of goroutines; label "state"). A process that ends meanwhile
///         leaves what was seen of it.
/// Errors  a sentence with the remedy, as open_process.
std::expected<model::Evidence, std::string> sample_process(std::uint32_t pid, const WallClockOptions& options,
                                                           model::Symbols& symbols);

}  // namespace gopsy::app
