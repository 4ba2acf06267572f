#include <algorithm>
#include <cmath>

#include "base/format.h"
#include "base/text.h"
#include "base/units.h"
#include "render/runtime/chart.h"
#include "render/runtime/runtime_report.h"
#include "render/svg/xml.h"
#include "render/words.h"

namespace gopsy::render {
namespace {

using Points = std::vector<Strip::Point>;

constexpr double kWidth = 1080;
constexpr double kLeft = 76;
constexpr double kPlotWidth = kWidth - kLeft - 22;
constexpr double kTop = 104;
constexpr double kGap = 46;
constexpr std::size_t kColumns = 600;
constexpr std::size_t kShareColumns = 200;

// Plain values, no custom properties: viewers that are no browsers know none.
constexpr std::string_view kStyle =
    "text{font:12px system-ui,\"Segoe UI\",Roboto,\"DejaVu Sans\",sans-serif;fill:#50565f}"
    ".t{font-size:17px;font-weight:600;fill:#14161a}.u{font-size:12.5px}.h{font-weight:600;fill:#14161a}"
    ".e{text-anchor:end}.m{text-anchor:middle}.b{fill:#fff}path{fill:none}"
    ".grid{stroke:#e6e8ec}.axis{stroke:#8d949e}"
    ".live{stroke:#1f66b0;stroke-width:2;stroke-linejoin:round}.heap{fill:#bcd8f2;stroke:none}"
    ".goal{stroke:#7d858f;stroke-width:1.4;stroke-dasharray:5 3}"
    ".limit{stroke:#c4124f;stroke-width:1.6;stroke-dasharray:8 4}.limitt{fill:#c4124f}"
    ".work{fill:#f2a65a;stroke:none}.assist{fill:#c9541b;stroke:none}.since{stroke:#14161a;stroke-width:1.3}"
    ".sweep{fill:#6b4fb3;fill-opacity:.75}.term{fill:#2b9c8f;fill-opacity:.75}"
    ".queue{fill:#e8b64c;stroke:none}.global{fill:#b5761a;stroke:none}.idle{fill:#8cc7a1;stroke:none}"
    ".starved{fill:#c4124f;fill-opacity:.13}"
    "@media(prefers-color-scheme:dark){text{fill:#a9b0ba}.t,.h{fill:#f1f2f4}.b{fill:#16181c}.grid{stroke:#2c3138}"
    ".axis{stroke:#6b727c}.live{stroke:#6db1f5}.heap{fill:#234c73}.goal{stroke:#9aa2ad}"
    ".limit{stroke:#ff5c93}.limitt{fill:#ff5c93}.work{fill:#a8641d}.assist{fill:#ef7d3c}.since{stroke:#f1f2f4}"
    ".sweep{fill:#ad95ef}.term{fill:#5ccfc1}.queue{fill:#8a6a1f}.global{fill:#e0a53a}.idle{fill:#2f7048}"
    ".starved{fill:#ff5c93;fill-opacity:.2}}";

// The highest (or lowest) value in each part of the time.
template <class Row, class At, class Value>
Points thinned(const std::vector<const Row*>& rows, const At& at, const Value& value, bool lowest) {
  Points points;
  if (rows.empty()) return points;
  const std::int64_t begin = at(*rows.front());
  const auto length = static_cast<double>(std::max<std::int64_t>(1, at(*rows.back()) - begin));
  std::size_t column = kColumns;
  for (const Row* row : rows) {
    const std::int64_t ns = at(*row);
    const double v = value(*row);
    const auto here = rows.size() <= kColumns
                          ? points.size()
                          : static_cast<std::size_t>(static_cast<double>(ns - begin) / length * (kColumns - 1));
    if (points.empty() || here != column) {
      points.push_back({.ns = ns, .value = v});
      column = here;
    } else if (lowest ? v < points.back().value : v > points.back().value) {
      points.back().value = v;
    }
  }
  return points;
}

double highest_of(const Points& points) {
  double highest = 0;
  for (const auto& point : points) highest = std::max(highest, point.value);
  return highest;
}

Points at_zero(const Points& points) {
  Points zero = points;
  for (auto& point : zero) point.value = 0;
  return zero;
}

// Points of a step curve: each value holds until the next.
Points stepped(const Points& points, std::int64_t end_ns) {
  Points steps;
  for (std::size_t i = 0; i < points.size(); ++i) {
    steps.push_back(points[i]);
    steps.push_back(
        {.ns = i + 1 < points.size() ? points[i + 1].ns : std::max(end_ns, points[i].ns), .value = points[i].value});
  }
  return steps;
}

class Drawing {
 public:
  explicit Drawing(const RuntimeDocument& document) : document_(document), run_(document.run) {
    to_ns_ = 1;
    if (document.gc) to_ns_ = std::max(to_ns_, document.gc->to_ns);
    if (document.scheduler) to_ns_ = std::max(to_ns_, document.scheduler->to_ns);
    from_ns_ = to_ns_;
    if (document.gc) from_ns_ = std::min(from_ns_, document.gc->from_ns);
    if (document.scheduler) from_ns_ = std::min(from_ns_, document.scheduler->from_ns);
    times_ = time_ticks(from_ns_, to_ns_);
  }

  std::string draw() {
    double bottom = kTop;
    if (document_.gc) {
      heap(bottom, 190);
      shares(bottom, 110);
      pauses(bottom, 130);
    }
    if (document_.scheduler) {
      queues(bottom, 130);
      idle(bottom, 60);
    }
    const double height = std::max(kTop, bottom - kGap + 48);
    std::string out = head(height) + body_;
    out +=
        fmt::format("<text class=\"e\" x=\"{:.0f}\" y=\"{:.0f}\">time since the start of the process</text>\n</svg>\n",
                    kLeft + kPlotWidth, height - 12);
    return out;
  }

 private:
  [[nodiscard]] std::string head(double height) const {
    const std::string collector = collector_words();
    const std::string scheduler = scheduler_words();
    const std::string title = fmt::format("Go runtime: {}", shorten(printable_line(run_.evidence->path), 100));
    return fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0:.0f}\" height=\"{1:.0f}\" viewBox=\"0 0 {0:.0f} "
        "{1:.0f}\" "
        "role=\"img\" aria-labelledby=\"title desc\">\n<title id=\"title\">{2}</title>\n<desc id=\"desc\">{3} "
        "{4}</desc>\n<style>{5}</style>\n<rect class=\"b\" width=\"100%\" height=\"100%\"/>\n"
        "<text class=\"t\" x=\"16\" y=\"30\">{2}</text>\n<text class=\"u\" x=\"16\" y=\"51\">{3}</text>\n"
        "<text class=\"u\" x=\"16\" y=\"69\">{4}</text>\n",
        kWidth, height, xml_text(title), xml_text(collector.empty() ? scheduler : collector),
        xml_text(collector.empty() ? "" : scheduler), kStyle);
  }

  [[nodiscard]] std::string collector_words() const {
    if (!document_.gc) return {};
    const auto& gc = *document_.gc;
    return fmt::format(
        "{} in {}: marking took {} of {} CPUs, pauses p99 {} and at most {}, live heap {} MiB to {} MiB{}.",
        counted(gc.cycles, "collection"), human_duration(gc.to_ns - gc.from_ns), percent(gc.share), gc.procs,
        human_duration(gc.pauses.p99_ns), human_duration(gc.pauses.longest_ns), gc.live_first_mib, gc.live_last_mib,
        analyze::live_heap_grows(gc) ? ", growing" : "");
  }

  [[nodiscard]] std::string scheduler_words() const {
    if (!document_.scheduler) return {};
    const auto& s = *document_.scheduler;
    return fmt::format(
        "{} of the scheduler: up to {} for {} CPUs, {:.2g} of them idle on average{}.", counted(s.samples, "sample"),
        counted(s.all.longest, "waiting goroutine"), s.procs, s.idle_procs,
        s.starved.empty() ? "" : fmt::format(", {} starved", counted(s.starved.size(), "stretch", "stretches")));
  }

  Strip::Frame frame(double& bottom, double height, double highest) {
    const Strip::Frame frame{.left = kLeft,
                             .width = kPlotWidth,
                             .top = bottom,
                             .height = height,
                             .from_ns = from_ns_,
                             .to_ns = to_ns_,
                             .highest = std::max(highest, 1e-9)};
    bottom += height + kGap;
    return frame;
  }

  void heap(double& bottom, double height) {
    const auto start = [](const model::GcCycle& cycle) { return cycle.start_ns; };
    const auto column = [&](std::uint32_t model::GcCycle::* value, bool lowest) {
      return thinned(
          run_.cycles, start, [value](const model::GcCycle& cycle) { return static_cast<double>(cycle.*value); },
          lowest);
    };
    const Points live = column(&model::GcCycle::heap_live_mib, true);
    const Points peak = column(&model::GcCycle::heap_end_mib, false);
    const Points goal = column(&model::GcCycle::goal_mib, false);
    double highest = std::max({highest_of(peak), highest_of(goal), 4.0});
    const auto& limit = document_.gc->limit;
    const double limit_mib = limit ? static_cast<double>(limit->bytes) / (1 << 20) : 0;
    // A limit far above would press the heap flat.
    const bool shows_limit = limit && limit_mib < 4 * highest;
    if (shows_limit) highest = std::max(highest, limit_mib);
    const Strip strip(frame(bottom, height, highest * 1.08), body_);
    strip.axes("Heap", value_ticks(highest * 1.08, "MiB"), times_);
    strip.legend({{.css = "heap", .words = "when marking ended"},
                  {.css = "live", .words = "live", .is_line = true},
                  {.css = "goal", .words = "goal", .is_line = true}});
    strip.band("heap", live, peak);
    strip.line("goal", goal, false);
    strip.line("live", live, false);
    if (shows_limit) strip.level("limit", limit_mib, fmt::format("GOMEMLIMIT {}", human_bytes(limit->bytes)));
  }

  // What each part of the time gave to the collector: a cycle's cost lies evenly over it.
  void shares(double& bottom, double height) {
    std::vector<double> cost(kShareColumns, 0);
    std::vector<double> assist(kShareColumns, 0);
    const double part = std::max(1.0, static_cast<double>(to_ns_ - from_ns_) / kShareColumns);
    for (const auto* cycle : run_.cycles) {
      const double begin = static_cast<double>(cycle->start_ns - from_ns_) / part;
      const double end = std::max(begin, static_cast<double>(cycle->end_ns() - from_ns_) / part);
      const auto first = std::min(kShareColumns - 1, static_cast<std::size_t>(begin));
      const auto last = std::min(kShareColumns - 1, static_cast<std::size_t>(end));
      for (std::size_t i = first; i <= last; ++i) {
        const double inside = std::min(end, static_cast<double>(i + 1)) - std::max(begin, static_cast<double>(i));
        const double weight = (end > begin ? std::max(0.0, inside) / (end - begin) : 1) / part / cycle->procs;
        cost[i] += static_cast<double>(cycle->cost_ns()) * weight * 100;
        assist[i] += static_cast<double>(cycle->assist_cpu_ns) * weight * 100;
      }
    }
    Points all;
    Points helped;
    for (std::size_t i = 0; i < kShareColumns; ++i) {
      const auto ns = from_ns_ + static_cast<std::int64_t>(part * static_cast<double>(i));
      all.push_back({.ns = ns, .value = std::min(100.0, cost[i])});
      helped.push_back({.ns = ns, .value = std::min(100.0, assist[i])});
    }
    const Points since = thinned(
        run_.cycles, [](const model::GcCycle& cycle) { return cycle.end_ns(); },
        [](const model::GcCycle& cycle) { return static_cast<double>(cycle.percent); }, false);
    const double highest = std::clamp(1.08 * std::max(highest_of(all), highest_of(since)), 5.0, 100.0);
    const Strip strip(frame(bottom, height, highest), body_);
    strip.axes("Share of the CPUs that marking takes", value_ticks(highest, "%"), times_);
    strip.legend({{.css = "work", .words = "background workers"},
                  {.css = "assist", .words = "assists"},
                  {.css = "since", .words = "since the start, as printed", .is_line = true}});
    strip.band("work", at_zero(stepped(all, to_ns_)), stepped(all, to_ns_));
    strip.band("assist", at_zero(stepped(helped, to_ns_)), stepped(helped, to_ns_));
    strip.line("since", since, false);
  }

  // Of more pauses than columns, the longest of each kind in each.
  void pauses(double& bottom, double height) {
    struct Pause {
      const model::GcCycle* cycle = nullptr;
      std::int64_t ns = 0;
    };
    const auto longest = [&](std::int64_t model::GcCycle::* phase) {
      std::vector<Pause> chosen;
      std::size_t column = kColumns;
      for (const auto* cycle : run_.cycles) {
        const auto here = static_cast<std::size_t>(static_cast<double>(cycle->start_ns - from_ns_) /
                                                   static_cast<double>(std::max<std::int64_t>(1, to_ns_ - from_ns_)) *
                                                   (kColumns - 1));
        if (chosen.empty() || here != column) {
          chosen.push_back({.cycle = cycle, .ns = cycle->*phase});
          column = here;
        } else if (cycle->*phase > chosen.back().ns) {
          chosen.back() = {.cycle = cycle, .ns = cycle->*phase};
        }
      }
      return chosen;
    };
    constexpr double kShortest = 1000;  // one microsecond is the least that is printed
    const double top =
        std::pow(10, std::ceil(std::log10(std::max(1e6, static_cast<double>(document_.gc->pauses.longest_ns)))));
    Strip::Frame place = frame(bottom, height, top);
    place.lowest = kShortest;
    place.decades = true;
    const Strip strip(place, body_);
    strip.axes("Pauses", decade_ticks(kShortest, top), times_);
    strip.legend({{.css = "sweep", .words = "sweep termination"}, {.css = "term", .words = "mark termination"}});
    for (const auto& [css, name, phase] :
         {std::tuple{"sweep", "sweep termination", &model::GcCycle::sweep_termination_ns},
          std::tuple{"term", "mark termination", &model::GcCycle::mark_termination_ns}})
      for (const Pause& pause : longest(phase))
        strip.dot(css, {.ns = pause.cycle->start_ns, .value = static_cast<double>(pause.ns)},
                  fmt::format("{}: {} of cycle {}, line {}", human_duration(pause.ns), name, pause.cycle->number,
                              pause.cycle->line));
  }

  void queues(double& bottom, double height) {
    const auto at = [](const model::SchedSample& sample) { return sample.time_ns; };
    const Points all = thinned(
        run_.samples, at,
        [&](const model::SchedSample& sample) { return static_cast<double>(analyze::queued_in(run_, sample)); }, false);
    const Points global = thinned(
        run_.samples, at, [](const model::SchedSample& sample) { return static_cast<double>(sample.queue); }, false);
    const double highest = std::max(4.0, 1.08 * highest_of(all));
    const Strip strip(frame(bottom, height, highest), body_);
    strip.axes("Goroutines that wait for a CPU", value_ticks(highest, ""), times_);
    std::vector<Strip::Entry> legend{{.css = "queue", .words = "in all queues"},
                                     {.css = "global", .words = "in the global one"}};
    if (!document_.scheduler->starved.empty()) legend.push_back({.css = "starved", .words = "starved"});
    strip.legend(legend);
    strip.band("queue", at_zero(stepped(all, all.back().ns)), stepped(all, all.back().ns));
    strip.band("global", at_zero(stepped(global, global.back().ns)), stepped(global, global.back().ns));
    // Over the curves: the queues themselves fill the strip while goroutines starve.
    for (const auto& starved : document_.scheduler->starved)
      strip.shade("starved", starved.from_ns, starved.to_ns,
                  fmt::format("starved: {} for {}", counted(starved.median_queued, "goroutine"),
                              counted(starved.procs, "CPU")));
  }

  void idle(double& bottom, double height) {
    const Points idle = thinned(
        run_.samples, [](const model::SchedSample& sample) { return sample.time_ns; },
        [](const model::SchedSample& sample) { return static_cast<double>(sample.idle_procs); }, true);
    const auto procs = static_cast<double>(document_.scheduler->procs_highest);
    const Strip strip(frame(bottom, height, procs), body_);
    std::vector<Tick> ticks{{.at = 0, .label = "0"}, {.at = procs, .label = fmt::format("{:.0f}", procs)}};
    strip.axes(fmt::format("Idle CPUs, of {:.0f}", procs), ticks, times_);
    strip.band("idle", at_zero(stepped(idle, idle.back().ns)), stepped(idle, idle.back().ns));
  }

  const RuntimeDocument& document_;
  const analyze::RuntimeRun& run_;
  std::int64_t from_ns_ = 0;
  std::int64_t to_ns_ = 1;
  std::vector<Tick> times_;
  std::string body_;
};

}  // namespace

std::string runtime_svg(const RuntimeDocument& document) { return Drawing(document).draw(); }

}  // namespace gopsy::render
