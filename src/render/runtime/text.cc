#include <algorithm>
#include <array>
#include <cmath>

#include "base/format.h"
#include "base/text.h"
#include "base/units.h"
#include "render/runtime/runtime_report.h"
#include "render/words.h"

namespace gopsy::render {
namespace {

constexpr std::size_t kBars = 40;

std::string mib(double mebibytes) {
  return human_bytes(static_cast<std::uint64_t>(std::llround(mebibytes * (1 << 20))));
}

// Columns of equal time, the highest value of each, as eight heights above zero.
std::string bars(const std::vector<std::pair<std::int64_t, double>>& points) {
  constexpr std::array<std::string_view, 8> kHeights{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  if (points.size() < 8) return {};
  const auto begin = points.front().first;
  const auto length = std::max<std::int64_t>(1, points.back().first - begin);
  std::array<double, kBars> columns{};
  columns.fill(-1);
  double highest = 0;
  for (const auto& [at, value] : points) {
    const auto column = static_cast<std::size_t>(static_cast<double>(at - begin) / static_cast<double>(length) *
                                                 static_cast<double>(kBars - 1));
    columns[column] = std::max(columns[column], value);
    highest = std::max(highest, value);
  }
  std::string text;
  for (const double value : columns) {
    if (value < 0 || highest <= 0) {
      text += ' ';
    } else {
      text += kHeights[static_cast<std::size_t>(std::lround(value / highest * 7))];
    }
  }
  return text;
}

class Text {
 public:
  Text(const RuntimeDocument& document, const model::Symbols& symbols, const RuntimeTextOptions& options)
      : document_(document), symbols_(symbols), options_(options) {}

  std::string write() {
    heading();
    if (document_.gc) collector(*document_.gc);
    if (document_.scheduler) scheduler(*document_.scheduler);
    if (document_.scavenges) scavenger(*document_.scavenges);
    if (document_.inits) inits(*document_.inits);
    return std::move(out_);
  }

 private:
  template <class... Args>
  void add(fmt::format_string<Args...> text, Args&&... args) {
    fmt::format_to(std::back_inserter(out_), text, std::forward<Args>(args)...);
  }

  template <class... Args>
  void row(std::string_view name, fmt::format_string<Args...> text, Args&&... args) {
    add("  {:<12}", name);
    add(text, std::forward<Args>(args)...);
    out_ += '\n';
  }

  void curve(std::vector<std::pair<std::int64_t, double>> points) {
    if (!options_.bars) return;
    const std::string text = bars(points);
    if (!text.empty()) row("", "{}", text);
  }

  void heading() {
    const auto& evidence = *document_.run.evidence;
    out_ += printable_line(evidence.path);
    if (document_.runs > 1) add(", process {} of {}", document_.run.number + 1, document_.runs);
    if (const std::string version = evidence.go_version.text(); !version.empty()) add(", Go {}", version);
    const auto& log = document_.run.log();
    if (log.torn != 0) add("; {} could not be read", counted(log.torn, "torn line"));
    out_ += '\n';
  }

  void collector(const analyze::GcReport& gc) {
    add("\nGarbage collector: {} in {}", counted(gc.cycles, "cycle"), human_duration(gc.to_ns - gc.from_ns));
    if (gc.to_ns > gc.from_ns) add(", {:.3g} a second", gc.cycles_per_second);
    if (gc.forced != 0) add(", {} forced by the program", with_commas(gc.forced));
    if (gc.leak_checks != 0) add(", {} looking for leaked goroutines", with_commas(gc.leak_checks));
    if (gc.missing != 0) add(", {} not in the log", with_commas(gc.missing));
    add("; lines {} to {}\n", gc.first_line, gc.last_line);
    row("CPU", "marking takes {} of {}: background workers {}, assists {}; idle CPUs gave another {}",
        percent(gc.share), counted(gc.procs, "CPU"), percent(gc.background_share), percent(gc.assist_share),
        percent(gc.idle_share));
    row("", "the last line says {}% since the start; stops of the world, with the stopping, are {} of the time",
        gc.percent, percent(gc.stopped_share));
    busiest(gc);
    const auto& pauses = gc.pauses;
    row("pauses", "p50 {}, p99 {}, longest {} ({} of cycle {}, line {}); {} in all", human_duration(pauses.p50_ns),
        human_duration(pauses.p99_ns), human_duration(pauses.longest_ns),
        pauses.longest_is_sweep_termination ? "sweep termination" : "mark termination", pauses.longest_cycle,
        pauses.longest_line, human_duration(pauses.total_ns));
    row("marking", "{} of the time", percent(gc.marking));
    row("allocation", "{} a second", mib(gc.allocated_mib_per_second));
    heap(gc);
  }

  void busiest(const analyze::GcReport& gc) {
    if (gc.worst && gc.worst->length_ns() < gc.to_ns - gc.from_ns)
      row("busiest", "{}, assists {} of it, from {} to {} (lines {} to {})", percent(gc.worst->share),
          percent(gc.worst->assist), human_duration(gc.worst->from_ns), human_duration(gc.worst->to_ns),
          gc.worst->first_line, gc.worst->last_line);
    if (gc.spiral)
      row("no room", "{} one after the other from {} to {}: the goal is at what lives, {} of the CPUs go into it",
          counted(gc.spiral->cycles, "cycle"), human_duration(gc.spiral->from_ns), human_duration(gc.spiral->to_ns),
          percent(gc.spiral->share));
  }

  void heap(const analyze::GcReport& gc) {
    row("live heap", "{} to {}, median {}, highest {}; {}", mib(gc.live_first_mib), mib(gc.live_last_mib),
        mib(gc.live_median_mib), mib(gc.live_highest_mib), trend(gc));
    std::vector<std::pair<std::int64_t, double>> points;
    for (const auto* cycle : document_.run.cycles) points.emplace_back(cycle->start_ns, cycle->heap_live_mib);
    curve(std::move(points));
    row("heap", "up to {}, the goal up to {}{}", mib(gc.peak_mib), mib(gc.goal_highest_mib),
        gc.gogc ? fmt::format(", as GOGC={:.0f} makes it", *gc.gogc) : "");
    if (gc.stacks_mib + gc.globals_mib != 0)
      row("roots", "{} of stacks, {} of globals", mib(gc.stacks_mib), mib(gc.globals_mib));
    if (gc.limit)
      row("GOMEMLIMIT", "{}: live heap, stacks and globals are at {} of it, the heap at its largest at {}",
          human_bytes(gc.limit->bytes), percent(gc.limit->live), percent(gc.limit->peak));
  }

  static std::string trend(const analyze::GcReport& gc) {
    if (analyze::live_heap_grows(gc)) return fmt::format("it grows by {} a minute", mib(gc.live.slope * 60));
    if (gc.live.points < 8) return "too few cycles for a trend";
    if (std::abs(gc.live.last - gc.live.first) < std::max(2.0, 0.1 * gc.live.first)) return "level";
    return "no steady growth";
  }

  void scheduler(const analyze::SchedulerReport& s) {
    add("\nScheduler: {} in {}", counted(s.samples, "sample"), human_duration(s.to_ns - s.from_ns));
    if (s.interval_ns > 0) add(", one in {}", human_duration(s.interval_ns));
    add("; lines {} to {}\n", s.first_line, s.last_line);
    row("CPUs", "GOMAXPROCS {}, {:.2g} idle on average; all busy in {} of the samples", procs_words(s), s.idle_procs,
        share(s.all_busy, s.samples));
    row("waiting", "p50 {}, p99 {}, at most {}{}: goroutines that could run, in all queues", s.all.p50, s.all.p99,
        s.all.longest, at_line(s.all));
    curve(queue_points());
    row("", "global queue p50 {}, p99 {}, at most {}; of single CPUs p50 {}, p99 {}, at most {}", s.global.p50,
        s.global.p99, s.global.longest, s.local.p50, s.local.p99, s.local.longest);
    row("balance", "{} with idle CPUs beside waiting goroutines, {} with most of them on one CPU",
        counted(s.idle_beside_work, "sample"), with_commas(s.uneven));
    row("threads", "{} to {}, at most {}; {:.2g} looking for work on average", with_commas(s.threads_first),
        with_commas(s.threads_last), with_commas(s.threads_most), s.spinning);
    if (s.ticks_per_second)
      row("turns", "{:.3g} goroutines started a second on each CPU{}", *s.ticks_per_second,
          s.stuck == 0 ? "" : fmt::format("; none at all in {} although some waited", counted(s.stuck, "interval")));
    if (s.longest_gap_ns > 3 * s.interval_ns && s.interval_ns > 0)
      row("gap", "{} without a sample before line {}: the process did not run, or the world was stopped",
          human_duration(s.longest_gap_ns), s.longest_gap_line);
    if (s.detailed != 0) states(s);
    for (const auto& starved : s.starved)
      row("starved", "{} to {}: {} waited for {} (at most {}), lines {} to {}", human_duration(starved.from_ns),
          human_duration(starved.to_ns), counted(starved.median_queued, "goroutine"), counted(starved.procs, "CPU"),
          with_commas(starved.most_queued), starved.first_line, starved.last_line);
  }

  [[nodiscard]] std::vector<std::pair<std::int64_t, double>> queue_points() const {
    std::vector<std::pair<std::int64_t, double>> points;
    for (const auto* sample : document_.run.samples)
      points.emplace_back(sample->time_ns, static_cast<double>(analyze::queued_in(document_.run, *sample)));
    return points;
  }

  // What the goroutines of the last detailed sample wait for, most first.
  void states(const analyze::SchedulerReport& s) {
    row("goroutines", "{} at the end, at most {}; at most {} runnable at once", with_commas(s.goroutines_last),
        with_commas(s.goroutines_most), with_commas(s.runnable_most));
    const auto& run = document_.run;
    const auto last = std::ranges::find_if(run.samples.rbegin(), run.samples.rend(),
                                           [](const auto* sample) { return sample->detailed; });
    const auto index = static_cast<std::uint32_t>(*last - run.log().samples.data());
    std::vector<model::SchedStates> rows;
    constexpr std::uint32_t kWaiting = 4;
    for (const auto& state : run.log().states)
      if (state.sample == index && state.status == kWaiting) rows.push_back(state);
    std::ranges::stable_sort(rows, [](const auto& a, const auto& b) { return a.count > b.count; });
    std::vector<std::string> words;
    for (std::size_t i = 0; i < std::min<std::size_t>(rows.size(), 5); ++i)
      words.push_back(fmt::format("{} {}", rows[i].count, printable_line(symbols_.text(rows[i].reason))));
    if (!words.empty()) row("", "then waiting: {}", join(words, ", "));
  }

  static std::string procs_words(const analyze::SchedulerReport& s) {
    return s.procs_lowest == s.procs_highest ? fmt::format("{}", s.procs)
                                             : fmt::format("{} to {}", s.procs_lowest, s.procs_highest);
  }
  static std::string share(std::uint64_t part, std::uint64_t whole) {
    return percent(whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole));
  }
  static std::string at_line(const analyze::QueueLengths& lengths) {
    return lengths.longest == 0 ? "" : fmt::format(" (line {})", lengths.longest_line);
  }

  void scavenger(const analyze::ScavengeReport& s) {
    add("\nScavenger: {}{}\n", counted(s.lines, "line"),
        s.forced == 0 ? "" : fmt::format(", {} forced by debug.FreeOSMemory", with_commas(s.forced)));
    row("returned", "{} in the background, {} by goroutines that allocated; {} is out at the end, {} at most",
        kib(s.returned_kib), kib(s.returned_eager_kib), kib(s.released_last_kib), kib(s.released_most_kib));
    row("used", "{} % of the heap's memory at the end, {} % at least", s.used_last_percent, s.used_lowest_percent);
  }

  static std::string kib(std::uint64_t kibibytes) {
    return human_bytes(kibibytes > UINT64_MAX / 1024 ? UINT64_MAX : kibibytes * 1024);
  }

  void inits(const analyze::InitReport& report) {
    add("\nStart: {} initialised in {}, {} and {} allocated; done after {}\n",
        counted(report.slowest.size(), "package"), human_duration(report.clock_ns), human_bytes(report.bytes),
        counted(report.allocs, "object"), human_duration(report.done_ns));
    std::size_t shown = 0;
    for (const auto* init : report.slowest) {
      if (shown == options_.most_rows) break;
      add("  {:>10}  {:>10}  {:>10}  {}\n", human_duration(init->clock_ns), human_bytes(init->bytes),
          counted(init->allocs, "object"), printable_line(symbols_.text(init->package)));
      ++shown;
    }
    if (shown < report.slowest.size()) add("  and {} more\n", counted(report.slowest.size() - shown, "package"));
  }

  const RuntimeDocument& document_;
  const model::Symbols& symbols_;
  const RuntimeTextOptions& options_;
  std::string out_;
};

}  // namespace

RuntimeDocument runtime_document(analyze::RuntimeRun run, const model::Symbols& symbols, std::uint64_t memory_limit) {
  RuntimeDocument document{.run = std::move(run)};
  document.runs = document.run.log().runs;
  if (!document.run.cycles.empty()) document.gc = analyze::gc_report(document.run, symbols, memory_limit);
  if (!document.run.samples.empty()) document.scheduler = analyze::scheduler_report(document.run);
  if (!document.run.scavenges.empty()) document.scavenges = analyze::scavenge_report(document.run);
  if (!document.run.inits.empty()) document.inits = analyze::init_report(document.run);
  return document;
}

std::string runtime_text(const RuntimeDocument& document, const model::Symbols& symbols,
                         const RuntimeTextOptions& options) {
  return Text(document, symbols, options).write();
}

}  // namespace gopsy::render
