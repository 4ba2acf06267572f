#include "analyze/trace/gc_times.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

namespace gopsy::analyze {

using model::TraceEvent;
using model::TraceGc;
using model::TraceType;

namespace {

constexpr std::size_t kWorst = 10;
constexpr std::size_t kWorstWindows = 5;
constexpr std::array<std::int64_t, 3> kUsualWindows{1'000'000, 10'000'000, 100'000'000};

constexpr std::uint64_t kSeen = [] {
  using enum TraceType;
  std::uint64_t seen = 0;
  for (const auto type : {Sync, StwBegin, StwEnd, GcActive, GcBegin, GcEnd, SweepActive, SweepBegin, SweepEnd,
                          AssistActive, AssistBegin, AssistEnd, HeapAlloc, HeapGoal})
    seen |= std::uint64_t{1} << static_cast<unsigned>(type);
  return seen;
}();

bool is_seen(TraceType type) {
  const auto bit = static_cast<unsigned>(type);
  return bit < 64 && (kSeen >> bit & 1) != 0;
}

// The longest so many, the longest first; of equals the first.
template <class Row, class Length>
void keep_longest(std::vector<Row>& rows, Row row, Length length) {
  const auto place = std::ranges::upper_bound(rows, std::invoke(length, row), std::ranges::greater{}, length);
  if (place == rows.end() && rows.size() == kWorst) return;
  rows.insert(place, std::move(row));
  if (rows.size() > kWorst) rows.pop_back();
}

std::string flags_of(const MutatorQuestion& question) {
  std::string text;
  for (const auto& [set, name] : {std::pair{question.stops, "stw"}, std::pair{question.background, "background"},
                                  std::pair{question.assists, "assist"}, std::pair{question.sweeps, "sweep"},
                                  std::pair{question.per_proc, "perProc"}})
    if (set) text += (text.empty() ? "" : "|") + std::string(name);
  return text;
}

}  // namespace

GcTimes::GcTimes(std::optional<MutatorQuestion> curve) : windows_(kWorstWindows), utilization_({}, windows_) {
  if (!curve) return;
  curve_utilization_.emplace(*curve, curve_);
  gc_.curve_flags = flags_of(*curve);
}

void GcTimes::before(const TraceContext& context, std::span<const TraceEvent> events) {
  for (const TraceEvent& one : events) {
    if (is_seen(one.type)) event(context, one, false);
    if (utilization_.wants(one)) utilization_.event(context, one);
    if (curve_utilization_ && curve_utilization_->wants(one)) curve_utilization_->event(context, one);
  }
}

void GcTimes::step(const TraceContext& context, std::span<const TraceEvent> events, std::span<const StateInterval>) {
  if (!std::exchange(started_, true)) {
    gc_.heap_first = gc_.heap_peak = heap_;
    utilization_.start(context.first_ns);
    if (curve_utilization_) curve_utilization_->start(context.first_ns);
  }
  for (const TraceEvent& one : events) {
    if (is_seen(one.type)) event(context, one, true);
    if (utilization_.wants(one)) utilization_.event(context, one);
    if (curve_utilization_ && curve_utilization_->wants(one)) curve_utilization_->event(context, one);
  }
}

void GcTimes::event(const TraceContext& context, const TraceEvent& event, bool counts) {
  switch (event.type) {
    case TraceType::Sync:
      sync_ns_ = event.time_ns;
      if (event.value > 1) windows_.settle();
      break;
    case TraceType::HeapAlloc:
      heap_ = event.value;
      if (!counts) break;
      if (gc_.heap_first == 0) gc_.heap_first = heap_;
      gc_.heap_peak = std::max(gc_.heap_peak, heap_);
      break;
    case TraceType::HeapGoal: goal_ = event.value; break;
    case TraceType::GcActive:
    case TraceType::GcBegin:
    case TraceType::GcEnd: cycle(context, event, counts); break;
    case TraceType::StwBegin:
    case TraceType::StwEnd: stop(context, event, counts); break;
    case TraceType::AssistActive:
    case TraceType::AssistBegin:
    case TraceType::AssistEnd: assist(context, event, counts); break;
    default: sweep(context, event, counts);
  }
}

void GcTimes::cycle(const TraceContext& context, const TraceEvent& event, bool counts) {
  if (event.type == TraceType::GcEnd) {
    if (counts) end_cycle(context, event.time_ns, false);
    cycle_since_ns_ = kNever;
    return;
  }
  if (cycle_since_ns_ != kNever) return;
  const bool active = event.type == TraceType::GcActive;
  cycle_since_ns_ = active ? sync_ns_ : event.time_ns;
  cycle_ = {};
  cycle_.heap_at_begin = heap_;
  cycle_.goal_at_begin = goal_;
  cycle_.cut = active;
}

void GcTimes::end_cycle(const TraceContext& context, std::int64_t ns, bool open) {
  if (cycle_since_ns_ == kNever) return;
  TraceGc::Cycle cycle = cycle_;
  cycle.cut |= cycle_since_ns_ < context.first_ns;
  cycle.begin_ns = std::max(cycle_since_ns_, context.first_ns);
  cycle.mark_ns = between(cycle.begin_ns, ns);
  cycle.heap_at_end = heap_;
  cycle.open = open;
  ++gc_.cycles;
  add_ns(gc_.mark_ns, cycle.mark_ns);
  keep_longest(gc_.longest_cycles, std::move(cycle), &TraceGc::Cycle::mark_ns);
}

void GcTimes::stop(const TraceContext& context, const TraceEvent& event, bool counts) {
  if (event.type == TraceType::StwBegin) {
    stop_since_ns_ = event.time_ns;
    stop_ = {};
    stop_.kind = context.tables->text(event.value);
    stop_.goid = context.goid(event.g);
    stop_.stack = context.whole.stack(event.stack);
    return;
  }
  if (counts) end_stop(context, event.time_ns, false);
  stop_since_ns_ = kNever;
}

void GcTimes::end_stop(const TraceContext& context, std::int64_t ns, bool open) {
  if (stop_since_ns_ == kNever) return;
  stop_.begin_ns = std::max(stop_since_ns_, context.first_ns);
  stop_.length_ns = between(stop_.begin_ns, ns);
  stop_.open = open;
  ++gc_.stops;
  add_ns(gc_.stopped_ns, stop_.length_ns);
  keep_longest(gc_.worst_stops, stop_, &TraceGc::Stop::length_ns);
}

void GcTimes::end_range(const TraceContext& context, std::int64_t& since, std::int64_t ns, std::int64_t& sum,
                        std::uint64_t& count) {
  if (since == kNever) return;
  add_ns(sum, between(std::max(since, context.first_ns), ns));
  ++count;
  since = kNever;
}

void GcTimes::assist(const TraceContext& context, const TraceEvent& event, bool counts) {
  const std::uint32_t g = event.type == TraceType::AssistActive ? event.subject : event.g;
  if (g >= assisting_.size()) assisting_.resize(g + std::size_t{1}, kNever);
  std::int64_t& since = assisting_[g];
  if (event.type == TraceType::AssistBegin) since = event.time_ns;
  if (event.type == TraceType::AssistActive && since == kNever) since = sync_ns_;
  if (event.type != TraceType::AssistEnd) return;
  if (counts && since != kNever) {
    const std::int64_t sum = gc_.assist_ns;
    end_range(context, since, event.time_ns, gc_.assist_ns, gc_.assists);
    add_ns(cycle_.assist_ns, gc_.assist_ns - sum);
    ++cycle_.assists;
  }
  since = kNever;
}

void GcTimes::sweep(const TraceContext& context, const TraceEvent& event, bool counts) {
  if (event.subject >= sweeping_.size()) sweeping_.resize(event.subject + std::size_t{1}, kNever);
  std::int64_t& since = sweeping_[event.subject];
  if (event.type == TraceType::SweepBegin) since = event.time_ns;
  if (event.type == TraceType::SweepActive && since == kNever) since = sync_ns_;
  if (event.type != TraceType::SweepEnd) return;
  if (counts) {
    end_range(context, since, event.time_ns, gc_.sweep_ns, gc_.sweeps);
    gc_.swept_bytes += event.value;
    gc_.reclaimed_bytes += event.other;
  }
  since = kNever;
}

void GcTimes::finish(const TraceContext& context) {
  end_cycle(context, context.last_ns, true);
  end_stop(context, context.last_ns, true);
  for (std::int64_t& since : assisting_) end_range(context, since, context.last_ns, gc_.assist_ns, gc_.assists);
  for (std::int64_t& since : sweeping_) end_range(context, since, context.last_ns, gc_.sweep_ns, gc_.sweeps);
  gc_.heap_last = heap_;
  gc_.goal_last = goal_;
  utilization_.finish(context.last_ns);
  gc_.mmu = windows_.take();
  if (!curve_utilization_) return;
  curve_utilization_->finish(context.last_ns);
  curve_.tell(gc_);
}

GcTimes::Windows::Windows(std::size_t worst) {
  for (const std::int64_t window_ns : kUsualWindows) windows_.emplace_back(window_ns, worst);
}

void GcTimes::Windows::change(std::uint32_t, UtilizationChange change) {
  if (!settled_) return unsettled_.push_back(change);
  for (SlidingMinimum& window : windows_) window.change(change);
}

void GcTimes::Windows::less_from_start(double share) {
  for (UtilizationChange& change : unsettled_) change.utilization = std::max(0.0, change.utilization - share);
}

void GcTimes::Windows::settle() {
  if (std::exchange(settled_, true)) return;
  for (const UtilizationChange& change : std::exchange(unsettled_, {}))
    for (SlidingMinimum& window : windows_) window.change(change);
}

std::vector<TraceGc::Mmu> GcTimes::Windows::take() {
  settle();
  std::vector<TraceGc::Mmu> rows;
  for (const SlidingMinimum& window : windows_)
    if (TraceGc::Mmu row = window.take(); row.window_ns > 0) rows.push_back(std::move(row));
  return rows;
}

void GcTimes::Curve::change(std::uint32_t series, UtilizationChange change) {
  if (series >= series_.size()) series_.resize(series + std::size_t{1});
  series_[series].push_back(change);
}

void GcTimes::Curve::less_from_start(double share) {
  if (series_.empty()) return;
  for (UtilizationChange& change : series_[0]) change.utilization = std::max(0.0, change.utilization - share);
}

TraceGc::Mmu GcTimes::Curve::worst_of(std::int64_t window_ns, std::size_t worst) const {
  TraceGc::Mmu least{.window_ns = window_ns, .utilization = 1, .worst = {}};
  for (const std::vector<UtilizationChange>& series : series_) {
    SlidingMinimum minimum(window_ns, worst);
    for (const UtilizationChange& change : series) minimum.change(change);
    TraceGc::Mmu one = minimum.take();
    if (one.window_ns == 0) continue;
    least.utilization = std::min(least.utilization, one.utilization);
    least.worst.insert(least.worst.end(), one.worst.begin(), one.worst.end());
  }
  std::ranges::stable_sort(least.worst, {}, &TraceGc::Window::utilization);
  if (least.worst.size() > worst) least.worst.resize(worst);
  return least;
}

double GcTimes::Curve::minimum(std::int64_t window_ns) const { return worst_of(window_ns, 0).utilization; }

// The same windows as go tool trace plots: 100 of them, evenly on a logarithmic scale, over six orders of magnitude
// from where something is left of the processors.
void GcTimes::Curve::tell(TraceGc& gc) const {
  std::int64_t first_ns = INT64_MAX;
  std::int64_t last_ns = INT64_MIN;
  for (const std::vector<UtilizationChange>& series : series_) {
    if (series.empty()) continue;
    first_ns = std::min(first_ns, series.front().time_ns);
    last_ns = std::max(last_ns, series.back().time_ns);
  }
  if (first_ns >= last_ns) return;
  std::int64_t least_ns = 1'000'000'000;
  while (least_ns > 1 && minimum(least_ns) >= 0.0001) least_ns /= 1000;
  const std::int64_t most_ns = std::min(least_ns * 1'000'000, between(first_ns, last_ns));
  constexpr int kSamples = 100;
  const double low = std::log(static_cast<double>(least_ns));
  const double high = std::log(static_cast<double>(most_ns));
  for (int i = 0; i < kSamples; ++i) {
    const auto window_ns =
        static_cast<std::int64_t>(std::exp((static_cast<double>(i) / (kSamples - 1) * (high - low)) + low));
    if (window_ns <= 0) continue;
    gc.curve.push_back({.window_ns = window_ns, .utilization = minimum(window_ns), .worst = {}});
  }
  for (const std::int64_t window_ns : kUsualWindows)
    if (window_ns <= between(first_ns, last_ns)) gc.curve_windows.push_back(worst_of(window_ns, kWorstWindows));
}

}  // namespace gopsy::analyze
