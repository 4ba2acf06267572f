#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "analyze/snapshots.h"

namespace gopsy::analyze {

/// What became of the goroutines of one `go` statement between two dumps. All 0 where goroutines have no numbers.
struct Turnover {
  std::uint64_t stayed = 0;
  std::uint64_t fresh = 0;
  std::uint64_t ended = 0;
  /// Of `fresh`, those numbered above every goroutine of the earlier dump. The runtime counts upwards, so most new
  /// ones are (each P may still have up to 15 lower numbers in hand: proc.go newproc1, _GoidCacheBatch).
  std::uint64_t fresh_above = 0;
};

/// The goroutines of one `go` statement over several dumps of a process.
struct SiteGrowth {
  StringId function;  ///< that holds the `go` statement; or, in a profile, that the goroutines were started with
  StringId file;
  std::uint32_t line = 0;                    ///< 0 in a profile
  const model::Goroutine* sample = nullptr;  ///< one of the last dump that has any
  std::size_t sample_in = 0;                 ///< index into Growth::order
  std::vector<std::uint64_t> counts;         ///< one a dump
  std::vector<Turnover> turnover;            ///< one a step from dump to dump

  [[nodiscard]] std::int64_t change() const;
  [[nodiscard]] bool never_fell() const;
};

/// Several dumps of one process in the order of their time.
struct Growth {
  std::vector<std::size_t> order;  ///< indexes into the snapshots, earliest first
  enum class Ordered : std::uint8_t { ByTime, ByNumber, AsGiven } ordered = Ordered::AsGiven;
  std::optional<double> minutes;  ///< between the first and the last, where their times are known
  bool has_ids = false;
  std::vector<Turnover> turnover;  ///< of all goroutines, one a step
  std::vector<SiteGrowth> sites;   ///< the most grown first
};

/// Dumps that can be compared: at least two whole ones that look like the same process, judged by the program's name,
/// and by whether goroutines of the same number were started at the same place.
///
/// Shape   ordered by time where all times are known, else by the highest goroutine number, which only ever grows;
///         profiles without either as given. Dumps of another process make another Growth.
/// Cost    linear in goroutines.
std::vector<Growth> growth_of(const std::vector<Snapshot>& snapshots);

/// Does the site lose nothing and gain more than chance gives? See docs/rules/leak.growing-site.md.
struct GrowthVerdict {
  bool grows = false;
  std::size_t from = 0;  ///< the dump it is judged from: the first with enough goroutines to tell
};
GrowthVerdict judge(const Growth& growth, const SiteGrowth& site);

/// With fewer at the start, "all of them stayed" says little.
constexpr std::uint64_t kFewestToStart = 8;
/// Of the goroutines there at the start, at most one in so many may have ended.
constexpr std::uint64_t kOneInEnded = 10;
/// Standard deviations that the gain must have of a flow of arrivals and departures as large as the one seen.
constexpr double kSigmas = 4;

}  // namespace gopsy::analyze
