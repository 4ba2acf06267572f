#include "analyze/gc_report.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"

namespace gopsy::analyze {
namespace {

using model::GcCycle;
using Cycles = std::vector<const GcCycle*>;

constexpr std::int64_t kSecond = 1'000'000'000;

// A window shorter than this holds a single phase of a program's work.
constexpr std::int64_t kWindowNs = 10 * kSecond;

// Every program's heap doubles a few times while it starts: many cycles in little time.
constexpr std::int64_t kLeastWindowNs = 5 * kSecond;
constexpr std::int64_t kStartUpNs = 10 * kSecond;
constexpr std::int64_t kLongRunNs = 60 * kSecond;
constexpr std::uint64_t kLeastCycles = 10;

// As in rules/profile/gc_pressure.cc: a mark phase has a quarter of the CPUs, so this is marking nearly all the time.
constexpr double kLeastShare = 0.2;
constexpr double kLeastAssist = 0.05;

// A goal so near above what lives leaves no room to allocate: the next cycle begins as this one ends.
constexpr double kNoRoom = 1.1;
constexpr std::uint32_t kSmallHeapMib = 8;  // below, the rounding of sizes to MiB decides
constexpr std::int64_t kLeastSpiralNs = kSecond;

// Rounding to MiB is 3 % of this and less of more.
constexpr std::uint32_t kGogcHeapMib = 16;

double seconds(std::int64_t ns) { return static_cast<double>(ns) / static_cast<double>(kSecond); }
double share_of(double part, double whole) { return whole <= 0 ? 0 : part / whole; }

// CPU time as wall time of all CPUs: GOMAXPROCS may change on the way.
double of_procs(std::int64_t cpu_ns, const GcCycle& cycle) {
  return static_cast<double>(cpu_ns) / static_cast<double>(cycle.procs);
}

void add_shares(const Cycles& cycles, GcReport& report) {
  double assist = 0;
  double background = 0;
  double stopped = 0;
  double idle = 0;
  double marking = 0;
  for (const GcCycle* cycle : cycles) {
    assist += of_procs(cycle->assist_cpu_ns, *cycle);
    background += of_procs(cycle->background_cpu_ns, *cycle);
    stopped += of_procs(cycle->sweep_termination_cpu_ns + cycle->mark_termination_cpu_ns, *cycle);
    idle += of_procs(cycle->idle_cpu_ns, *cycle);
    marking += static_cast<double>(cycle->mark_ns);
  }
  const auto length = static_cast<double>(report.to_ns - report.from_ns);
  report.assist_share = share_of(assist, length);
  report.background_share = share_of(background, length);
  report.stopped_share = share_of(stopped, length);
  report.idle_share = share_of(idle, length);
  report.share = report.assist_share + report.background_share;
  report.marking = std::min(1.0, share_of(marking, length));
}

void add_pauses(const Cycles& cycles, GcPauses& pauses) {
  std::vector<std::int64_t> all;
  all.reserve(2 * cycles.size());
  for (const GcCycle* cycle : cycles) {
    for (const bool is_sweep : {true, false}) {
      const std::int64_t pause = is_sweep ? cycle->sweep_termination_ns : cycle->mark_termination_ns;
      all.push_back(pause);
      pauses.total_ns += std::min(pause, INT64_MAX - pauses.total_ns);
      if (pause <= pauses.longest_ns) continue;
      pauses.longest_ns = pause;
      pauses.longest_line = cycle->line;
      pauses.longest_cycle = cycle->number;
      pauses.longest_is_sweep_termination = is_sweep;
    }
  }
  std::ranges::sort(all);
  pauses.count = all.size();
  pauses.p50_ns = quantile<std::int64_t>(all, 0.5);
  pauses.p99_ns = quantile<std::int64_t>(all, 0.99);
}

// What was allocated between two cycles, and during each: after a cycle the heap counts as what lives.
void add_rates(const Cycles& cycles, GcReport& report) {
  double allocated = report.from_ns == 0 ? cycles.front()->heap_start_mib : 0;
  for (std::size_t i = 0; i < cycles.size(); ++i) {
    const GcCycle& cycle = *cycles[i];
    allocated += static_cast<double>(cycle.heap_end_mib) - cycle.heap_start_mib;
    if (i > 0 && cycles[i - 1]->number + 1 == cycle.number)
      allocated += static_cast<double>(cycle.heap_start_mib) - cycles[i - 1]->heap_live_mib;
  }
  const double length = seconds(report.to_ns - report.from_ns);
  report.allocated_mib_per_second = std::max(0.0, share_of(allocated, length));
  report.cycles_per_second = share_of(static_cast<double>(cycles.size()), length);
}

void add_heap(const Cycles& cycles, GcReport& report) {
  std::vector<std::uint32_t> live;
  live.reserve(cycles.size());
  for (const GcCycle* cycle : cycles) {
    live.push_back(cycle->heap_live_mib);
    report.peak_mib = std::max(report.peak_mib, cycle->heap_end_mib);
    report.goal_highest_mib = std::max(report.goal_highest_mib, cycle->goal_mib);
  }
  report.live_first_mib = live.front();
  report.live_last_mib = live.back();
  report.goal_last_mib = cycles.back()->goal_mib;
  report.stacks_mib = cycles.back()->stacks_mib;
  report.globals_mib = cycles.back()->globals_mib;
  std::ranges::sort(live);
  report.live_median_mib = quantile<std::uint32_t>(live, 0.5);
  report.live_highest_mib = live.back();
}

// runtime/mgcpacer.go commitLocked: goal = live + (live + stacks + globals) * GOGC / 100; without stacks and globals up
// to Go 1.17. Where the goals do not agree on one GOGC, something else decides: the memory limit, or the program.
std::optional<double> gogc_of(const Cycles& cycles) {
  std::vector<double> percents;
  for (std::size_t i = 1; i < cycles.size(); ++i) {
    const GcCycle& before = *cycles[i - 1];
    if (before.number + 1 != cycles[i]->number || before.heap_live_mib < kGogcHeapMib) continue;
    const double room = static_cast<double>(cycles[i]->goal_mib) - before.heap_live_mib;
    percents.push_back(100 * room / (before.heap_live_mib + before.stacks_mib + before.globals_mib));
  }
  if (percents.size() < 4) return std::nullopt;
  std::ranges::sort(percents);
  const double middle = quantile<double>(percents, 0.5);
  const double spread = quantile<double>(percents, 0.75) - quantile<double>(percents, 0.25);
  if (middle <= 0 || spread > 0.15 * middle + 3) return std::nullopt;
  return middle;
}

GcWindow window_of(const Cycles& cycles, std::size_t first, std::size_t end, std::int64_t from_ns, std::int64_t to_ns) {
  GcWindow window{.from_ns = from_ns,
                  .to_ns = to_ns,
                  .first_line = cycles[first]->line,
                  .last_line = cycles[end - 1]->line,
                  .cycles = end - first};
  double cost = 0;
  double assist = 0;
  for (std::size_t i = first; i < end; ++i) {
    cost += of_procs(cycles[i]->cost_ns(), *cycles[i]);
    assist += of_procs(cycles[i]->assist_cpu_ns, *cycles[i]);
  }
  const auto length = static_cast<double>(window.length_ns());
  window.share = share_of(cost, length);
  window.assist = share_of(assist, length);
  return window;
}

// From the start of one cycle to the start of another at least kWindowNs later, the collector's cost between them: two
// indexes that go forward only.
std::optional<GcWindow> worst_window(const Cycles& cycles, const GcReport& report) {
  const std::int64_t length = report.to_ns - report.from_ns;
  if (length <= kWindowNs) return window_of(cycles, 0, cycles.size(), report.from_ns, report.to_ns);
  double cost = 0;
  double highest = -1;
  std::size_t best_first = 0;
  std::size_t best_end = 0;
  std::size_t end = 0;
  const auto time_at = [&](std::size_t i) { return i < cycles.size() ? cycles[i]->start_ns : report.to_ns; };
  for (std::size_t first = 0; first < cycles.size(); ++first) {
    while (end < cycles.size() && time_at(end) - time_at(first) < kWindowNs) {
      cost += of_procs(cycles[end]->cost_ns(), *cycles[end]);
      ++end;
    }
    const std::int64_t span = time_at(end) - time_at(first);
    if (span < kWindowNs) break;
    // Every program starts once; what a long run does at its start is no part of what it does.
    const bool starting = length >= kLongRunNs && time_at(first) < kStartUpNs;
    const double share = share_of(cost, static_cast<double>(span));
    if (!starting && share > highest) {
      highest = share;
      best_first = first;
      best_end = end;
    }
    if (end > first) cost -= of_procs(cycles[first]->cost_ns(), *cycles[first]);
  }
  if (highest < 0) return std::nullopt;
  return window_of(cycles, best_first, best_end, time_at(best_first), time_at(best_end));
}

// Cycles whose goal leaves no room above what lived after the one before: the heap is full as soon as it is swept.
std::optional<GcWindow> spiral_of(const Cycles& cycles) {
  std::optional<GcWindow> longest;
  std::size_t first = 0;
  const auto consider = [&](std::size_t end) {
    if (end - first < kLeastCycles) return;
    const GcWindow window = window_of(cycles, first, end, cycles[first]->start_ns, cycles[end - 1]->end_ns());
    if (window.length_ns() < kLeastSpiralNs || window.share < kLeastShare) return;
    if (!longest || window.length_ns() > longest->length_ns()) longest = window;
  };
  for (std::size_t i = 1; i <= cycles.size(); ++i) {
    const bool full = i < cycles.size() && !cycles[i]->forced && cycles[i - 1]->heap_live_mib >= kSmallHeapMib &&
                      cycles[i]->goal_mib <= kNoRoom * cycles[i - 1]->heap_live_mib;
    if (full) continue;
    consider(i);
    first = i;
  }
  return longest;
}

void add_trend(const Cycles& cycles, GcReport& report) {
  // What a program keeps from its start on is there after a tenth of the time.
  const std::int64_t warm = report.from_ns + (report.from_ns == 0 ? (report.to_ns - report.from_ns) / 10 : 0);
  std::vector<TrendPoint> points;
  std::vector<TrendPoint> forced;
  for (const GcCycle* cycle : cycles) {
    if (cycle->start_ns < warm) continue;
    const TrendPoint point{.at = seconds(cycle->start_ns), .value = static_cast<double>(cycle->heap_live_mib)};
    (cycle->forced ? forced : points).push_back(point);
  }
  // A program that collects by itself, every minute say, has no others.
  if (points.size() < forced.size()) points.swap(forced);
  report.live = trend_of(points);
  if (points.empty()) return;
  report.trend_from_ns = static_cast<std::int64_t>(points.front().at * static_cast<double>(kSecond));
  report.trend_to_ns = static_cast<std::int64_t>(points.back().at * static_cast<double>(kSecond));
}

// The last GOMEMLIMIT=… of the log: a process that starts says how it is set up.
MemoryLimit limit_in(const model::Log& log, const model::Symbols& symbols) {
  MemoryLimit limit;
  for (const auto& notice : log.notices) {
    std::string_view text = symbols.text(notice.text);
    if (!consume_until(text, "GOMEMLIMIT=")) continue;
    if (text.starts_with('"') || text.starts_with('\'')) text.remove_prefix(1);
    const auto bytes = parse_memory_limit(text.substr(0, text.find_first_of(" \t\"',;`)]}")));
    limit = {.bytes = bytes.value_or(0), .line = notice.number};
  }
  return limit;
}

void add_limit(const RuntimeRun& run, const model::Symbols& symbols, std::uint64_t given, GcReport& report) {
  MemoryLimit limit = given != 0 ? MemoryLimit{.bytes = given} : limit_in(*run.evidence->log, symbols);
  if (limit.bytes == 0) return;
  const double mib = static_cast<double>(limit.bytes) / (1 << 20);
  std::vector<double> last;
  for (std::size_t i = run.cycles.size() - std::min<std::size_t>(5, run.cycles.size()); i < run.cycles.size(); ++i) {
    const GcCycle& cycle = *run.cycles[i];
    last.push_back(static_cast<double>(cycle.heap_live_mib) + cycle.stacks_mib + cycle.globals_mib);
  }
  std::ranges::sort(last);
  limit.live = quantile<double>(last, 0.5) / mib;
  for (const GcCycle* cycle : run.cycles)
    limit.peak =
        std::max(limit.peak, (static_cast<double>(cycle->heap_end_mib) + cycle->stacks_mib + cycle->globals_mib) / mib);
  report.limit = limit;
}

}  // namespace

GcReport gc_report(const RuntimeRun& run, const model::Symbols& symbols, std::uint64_t limit_bytes) {
  const Cycles& cycles = run.cycles;
  GcReport report{.cycles = cycles.size(),
                  .from_ns = cycles.front()->number == 1 ? 0 : cycles.front()->start_ns,
                  .to_ns = cycles.back()->end_ns(),
                  .first_line = cycles.front()->line,
                  .last_line = cycles.back()->line,
                  .procs = cycles.back()->procs,
                  .percent = cycles.back()->percent};
  for (const GcCycle* cycle : cycles) {
    report.forced += cycle->forced ? 1 : 0;
    report.leak_checks += cycle->leak_check ? 1 : 0;
  }
  const std::uint64_t numbered = cycles.back()->number - cycles.front()->number + 1;
  report.missing = numbered > cycles.size() ? numbered - cycles.size() : 0;
  add_shares(cycles, report);
  add_pauses(cycles, report.pauses);
  add_rates(cycles, report);
  add_heap(cycles, report);
  report.gogc = gogc_of(cycles);
  add_trend(cycles, report);
  report.worst = worst_window(cycles, report);
  report.spiral = spiral_of(cycles);
  add_limit(run, symbols, limit_bytes, report);
  return report;
}

bool collector_presses(const GcReport& report) {
  if (report.spiral) return true;
  if (!report.worst || report.worst->length_ns() < kLeastWindowNs || report.worst->cycles < kLeastCycles) return false;
  return report.worst->share >= kLeastShare || report.worst->assist >= kLeastAssist;
}

bool live_heap_grows(const GcReport& report) {
  constexpr std::size_t kLeastPoints = 8;
  constexpr std::int64_t kLeastTrendNs = 10 * kSecond;
  constexpr double kLeastGrowthMib = 8;      // sizes are rounded to one
  constexpr double kLeastGrowth = 0.25;      // of what lived at first
  constexpr double kLeastOrder = 0.7;        // seventeen of twenty pairs rise
  constexpr double kBeyondChance = 3.29;     // one in a thousand
  constexpr double kDeepestFall = 0.3;       // a cache that is emptied, a batch that ends
  constexpr double kStillGrowing = 1.0 / 6;  // half of what the last third would add at an even pace
  const Trend& live = report.live;
  const double growth = live.last - live.first;
  return live.points >= kLeastPoints && report.trend_to_ns - report.trend_from_ns >= kLeastTrendNs &&
         growth >= kLeastGrowthMib && growth >= kLeastGrowth * std::max(live.first, 1.0) && live.order >= kLeastOrder &&
         live.z >= kBeyondChance && live.drawdown <= kDeepestFall && live.late >= kStillGrowing;
}

std::optional<std::uint64_t> parse_memory_limit(std::string_view text) {
  const auto number = consume_decimal(text);
  if (!number || *number == 0) return std::nullopt;
  unsigned shift = 0;
  for (const auto& [unit, bits] : {std::pair{"KiB", 10U}, {"MiB", 20U}, {"GiB", 30U}, {"TiB", 40U}, {"B", 0U}}) {
    if (consume(text, unit)) {
      shift = bits;
      break;
    }
  }
  // Above 8 EiB the runtime refuses it; math.MaxInt64 is its word for none.
  if (!text.empty() || *number >= static_cast<std::uint64_t>(INT64_MAX) >> shift) return std::nullopt;
  return *number << shift;
}

}  // namespace gopsy::analyze
